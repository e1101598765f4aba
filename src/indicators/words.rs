//! The words of conditions: those of persons, of plans and of programmes, each defined in the file of measures.

/// Flags of a person, each a word of the language.
pub const PERSON_FLAGS: &[&str] = &[
    "pedagogical",
    "leader",
    "teacher",
    "matched",
    "mismatched",
    "young",
    "first_three_years",
    "pension_age",
    "higher_pedagogical_education",
    "iom_live",
    "iom_realised",
    "supported",
    "supported_by_regional_methodist",
];

/// Flags that ask where a person works, and as what.
pub const PLACE_FLAGS: &[&str] = &["pedagogical", "leader", "teacher", "matched", "mismatched"];

/// Flags of a plan, each a word of the language.
pub const IOM_FLAGS: &[&str] = &["formed", "live", "realised"];

/// Words of a person that take an option, or may.
pub const PERSON_TESTS: &[&str] = &[
    "works_in",
    "age",
    "experience",
    "workload",
    "subject",
    "diagnosed",
    "deficits",
    "deficit",
    "deficit_found",
    "iom_formed",
    "trained",
    "formed_topic",
    "realised_topic",
    "event",
    "contest",
    "member",
    "helped",
    "mentoring",
    "role",
    "accompanied",
    "social_support",
    "expert",
    "exam",
    "burnout_prevention",
    "awarded",
];

/// Words of a plan that take an option.
pub const IOM_TESTS: &[&str] = &["supporter", "topic"];

/// Flags of a programme, each a word of the language.
pub const PROGRAMME_FLAGS: &[&str] = &["delivered", "upskilling", "retraining", "in_register", "e_learning"];

/// Words of a programme that take an option.
pub const PROGRAMME_TESTS: &[&str] = &["topic"];

/// What people take part in: the word of the language, the family of the tokens, and what to say of whoever did not.
pub const FAMILIES: &[(&str, &str, &str)] = &[
    ("event", "event", "нет участия в мероприятиях"),
    ("contest", "contest", "нет участия в конкурсах"),
    ("member", "member", "не состоит в объединении"),
    ("helped", "help", "нет адресной помощи"),
    ("mentoring", "mentoring", "не участвует в наставничестве"),
    ("role", "role", "нет такой роли"),
    ("accompanied", "accompanied", "не закреплён за сопровождающим"),
    ("social_support", "support", "нет социальной поддержки"),
    ("expert", "expert", "нет экспертной работы"),
    ("exam", "exam", "нет профессионального экзамена"),
    ("burnout_prevention", "burnout", "нет участия в профилактике выгорания"),
    ("awarded", "award", "нет наград"),
];

/// Groups of competences that a formula may name.
pub const GROUPS: &[&str] = &[
    "subject",
    "methodical",
    "psych_ped",
    "communicative",
    "digital",
    "managerial",
    "regulatory",
];

/// Areas of functional literacy that a formula may name.
pub const AREAS: &[&str] = &[
    "reading_literacy",
    "mathematical_literacy",
    "science_literacy",
    "digital_literacy",
];
