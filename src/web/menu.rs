//! Groups of the main menu: sections by kind of work.

/// Where a section stands in a menu that is too long for a line; groups stand in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// One's own plan, profile and applications.
    Own,
    /// Diagnoses, plans and who accompanies them.
    Plans,
    /// Who works where: staff, vacancies, composition, reserve.
    Staff,
    /// Registers of events, bodies, projects, publications and mentoring.
    Registers,
    /// Numbers of the region, of a municipality, of a school.
    Figures,
    /// The cycle of monitoring: stages, calendar, documents; campaigns and reports.
    Reports,
    /// What is loaded and what is counted by.
    Data,
    /// Who may do what, and what was done.
    Access,
}

impl Group {
    /// How it is called.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Own => "Моё",
            Self::Plans => "Сопровождение",
            Self::Staff => "Кадры",
            Self::Registers => "Учёт",
            Self::Figures => "Показатели",
            Self::Reports => "Отчётность",
            Self::Data => "Данные",
            Self::Access => "Доступ",
        }
    }
}
