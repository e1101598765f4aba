//! What of a role may be given to a substitute: kinds of work as the field names them, each with the doors that it opens.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::delegation::DelegationId;
use super::model::Role;
use crate::db::schema::delegated_work;
use crate::db::{AnyConn, DbError, Tx};
use crate::web::registry::Capability;
use crate::{insert_many, text_enum};

text_enum! {
    /// A kind of work that is given to a substitute.
    Work {
        Accompany = "accompany" "сопровождение педагогов и ведение их маршрутов",
        Review = "review" "проверка шагов",
        Applications = "applications" "согласование заявок на курсы",
        Approve = "approve" "утверждение маршрутов",
        Enrol = "enrol" "зачисление на курсы и документы об обучении",
        Plans = "plans" "карточки маршрутов",
        Draft = "draft" "подготовка маршрутов",
        Diagnostics = "diagnostics" "результаты диагностик",
        Assign = "assign" "назначение сопровождающих",
        Staff = "staff" "педагоги организации и кадровый состав",
        Registers = "registers" "мероприятия, объединения и наставничество",
        Numbers = "numbers" "показатели, охват и кадровый состав",
    }
}

impl Work {
    /// The doors that it opens, as far as the role has them.
    #[must_use]
    pub fn opens(self) -> &'static [Capability] {
        use Capability as C;
        match self {
            Self::Accompany | Self::Review => &[C::Support, C::Evidence, C::Acts],
            Self::Applications => &[C::Applications],
            Self::Approve => &[C::Plans, C::Approve, C::Evidence, C::Composed],
            Self::Enrol => &[C::Plans, C::Evidence],
            Self::Plans => &[C::Plans, C::Evidence, C::Composed],
            Self::Draft => &[C::Drafting, C::Composed, C::Invitations, C::Diagnostics],
            Self::Diagnostics => &[C::Diagnostics],
            Self::Assign => &[C::Supporters, C::Composed],
            Self::Staff => &[C::Staff, C::Workforce, C::WorkforcePeople],
            Self::Registers => &[C::Registers, C::RoundTrip],
            Self::Numbers => &[
                C::Indicators,
                C::Aggregates,
                C::Inform,
                C::Coverage,
                C::Schools,
                C::Forms,
                C::FormsCheck,
                C::Reports,
                C::RoundTrip,
                C::ReportsCheck,
                C::Campaigns,
                C::Surveys,
                C::Examinations,
                C::Examined,
                C::Editions,
                C::Release,
                C::ReleaseApproval,
                C::Cycle,
                C::Acts,
                C::Packs,
                C::Workforce,
                C::WorkforcePeople,
            ],
        }
    }

    /// The kinds of work of a role; a role without any is given as a whole or not at all.
    #[must_use]
    pub fn of(role: Role) -> &'static [Self] {
        match role {
            Role::Curator | Role::Tutor | Role::Supervisor | Role::Mentor => &[Self::Accompany, Self::Review],
            Role::RegionalMethodist => &[Self::Accompany, Self::Review, Self::Draft, Self::Numbers],
            Role::MunicipalMethodist => &[
                Self::Accompany,
                Self::Review,
                Self::Draft,
                Self::Registers,
                Self::Numbers,
            ],
            Role::Operator => &[Self::Plans, Self::Diagnostics, Self::Registers, Self::Numbers],
            Role::CnppmStaff => &[
                Self::Draft,
                Self::Plans,
                Self::Enrol,
                Self::Assign,
                Self::Registers,
                Self::Numbers,
            ],
            Role::CnppmHead => &[
                Self::Approve,
                Self::Draft,
                Self::Plans,
                Self::Assign,
                Self::Registers,
                Self::Numbers,
            ],
            Role::SchoolHead => &[
                Self::Applications,
                Self::Approve,
                Self::Draft,
                Self::Plans,
                Self::Assign,
                Self::Staff,
                Self::Registers,
                Self::Numbers,
            ],
            Role::SchoolAdmin => &[
                Self::Draft,
                Self::Plans,
                Self::Assign,
                Self::Staff,
                Self::Registers,
                Self::Numbers,
            ],
            _ => &[],
        }
    }
}

/// What was given; nothing is all of the role.
///
/// # Errors
/// Those of the database.
pub fn given(conn: &mut AnyConn, of: &[DelegationId]) -> Result<Vec<(DelegationId, Work)>, DbError> {
    Ok(delegated_work::table
        .filter(delegated_work::delegation_id.eq_any(of))
        .order((delegated_work::delegation_id, delegated_work::work))
        .select((delegated_work::delegation_id, delegated_work::work))
        .load(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = delegated_work)]
struct Row {
    delegation_id: DelegationId,
    work: Work,
}

/// Keeps what is given.
///
/// # Errors
/// Those of the database.
pub(super) fn keep(tx: &mut Tx<'_>, of: DelegationId, works: &BTreeSet<Work>) -> Result<(), DbError> {
    let row = |work: &Work| Row {
        delegation_id: of,
        work: *work,
    };
    let rows: Vec<Row> = works.iter().map(row).collect();
    insert_many!(tx.conn(), delegated_work::table, rows)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{policy, session};

    #[test]
    fn all_kinds_of_work_together_open_what_the_whole_role_opens() {
        for role in Role::ALL.iter().filter(|role| !Work::of(**role).is_empty()) {
            let all: BTreeSet<Work> = Work::of(*role).iter().copied().collect();
            let mut whole = policy::of(*role);
            whole.retain(|c| !session::NEVER_IN_STEAD.contains(c));
            let mut together: BTreeSet<Capability> = all.iter().flat_map(|w| w.opens()).copied().collect();
            together.retain(|c| whole.contains(c));
            assert_eq!(together, whole, "{role}");
            for work in all {
                assert!(
                    work.opens().iter().any(|c| whole.contains(c)),
                    "{role}: {work} opens nothing"
                );
            }
        }
    }
}
