//! The nouns: an account, a role over a unit, an actor.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::delegation::Substitute;
use crate::db::schema::account;
use crate::people::PersonId;
use crate::planted;
use crate::units::UnitId;
use crate::web::Scope;
use crate::{id_newtype, text_enum};

id_newtype! {
    /// An account.
    AccountId;
}

text_enum! {
    /// Roles; ranks and norms of load are reference data.
    Role {
        SystemAdmin = "system_admin" "Администратор системы",
        RegionalAuthority = "regional_authority" "РОИВ",
        Operator = "operator" "Региональный оператор",
        CnppmHead = "cnppm_head" "Руководитель ЦНППМ",
        CnppmStaff = "cnppm_staff" "Сотрудник ЦНППМ",
        AssessmentOperator = "assessment_operator" "Оператор ЦОПМКП",
        SecurityOfficer = "security_officer" "Ответственный за ПДн",
        RegionalMethodist = "regional_methodist" "Региональный методист",
        MunicipalAuthority = "municipal_authority" "МОУО",
        MunicipalMethodist = "municipal_methodist" "Методист ММС",
        SchoolHead = "school_head" "Директор",
        SchoolAdmin = "school_admin" "Заместитель директора",
        MentoringCoordinator = "mentoring_coordinator" "Координатор наставничества",
        ProgrammeProvider = "programme_provider" "Организация ДПО",
        Curator = "curator" "Куратор",
        Tutor = "tutor" "Тьютор",
        Supervisor = "supervisor" "Супервизор",
        Expert = "expert" "Эксперт",
        Mentor = "mentor" "Наставник",
        Teacher = "teacher" "Педагог",
    }
}

text_enum! {
    /// Whether an account may act.
    AccountState { Active = "active" "действует", Suspended = "suspended" "приостановлена", }
}

/// Who may sign in or act.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = account, treat_none_as_default_value = false)]
pub struct Account {
    /// Id.
    pub id: AccountId,
    /// The region; `None` for the whole installation.
    pub region_id: Option<UnitId>,
    /// Login, lower case.
    pub login: String,
    /// Argon2id in its text form; empty: no password yet, nobody can sign in with it.
    pub password_hash: String,
    /// Whose account it is, for a teacher and anyone who is on the staff list.
    pub person_id: Option<PersonId>,
    /// Whether it may act.
    pub state: AccountState,
    /// Grows when what was signed in before must end.
    pub auth_version: i32,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// Grows with each change.
    pub version: i32,
    /// How to call someone who is on no staff list: first name and surname.
    pub name: Option<String>,
    /// Where letters go.
    pub email: Option<String>,
    /// When its holder confirmed it.
    pub email_verified_at: Option<NaiveDateTime>,
}

/// A role with the organisations it reaches today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Its unit; `None` is the installation.
    pub unit: Option<UnitId>,
    /// Organisations of the unit's subtree; `None` is all.
    pub organisations: Option<BTreeSet<UnitId>>,
}

/// An account with its roles in force: who asks a use case to act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account: AccountId,
    /// Its login.
    pub login: String,
    /// The person, where the account is one of staff.
    pub person: Option<PersonId>,
    /// Roles in force.
    pub grants: Vec<Grant>,
    /// Who acts with these rights, where it is not the holder of the account.
    pub substitute: Option<Substitute>,
}

/// Whose rights an act of a page rests on, and who does it where it is another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Login of whose rights they are.
    pub login: String,
    /// In which of the roles of that login.
    pub roles: Vec<Role>,
    /// Who does it in that one's stead.
    pub substitute: Option<Substitute>,
}

impl Author {
    /// The login of whoever does it.
    #[must_use]
    pub fn hand(&self) -> &str {
        self.substitute.as_ref().map_or(&self.login, |s| &s.login)
    }
}

impl Actor {
    /// The same rights, less all other roles.
    #[must_use]
    pub fn in_roles(mut self, roles: &[Role]) -> Self {
        if !planted!("any_role_acts") {
            self.grants.retain(|g| roles.contains(&g.role));
        }
        self
    }

    /// The same rights, less all other roles, in another one's hands.
    #[must_use]
    pub fn through(mut self, substitute: &Substitute) -> Self {
        self.grants.retain(|g| g.role == substitute.role);
        self.substitute = Some(substitute.clone());
        self
    }

    /// The account of whoever does it.
    #[must_use]
    pub fn hand(&self) -> AccountId {
        self.substitute.as_ref().map_or(self.account, |s| s.account)
    }

    /// In whose stead it is done.
    #[must_use]
    pub fn behalf(&self) -> Option<AccountId> {
        self.substitute.as_ref().map(|_| self.account)
    }

    /// Whether a person's plan is the actor's own: of the account, or of whoever acts in its stead.
    #[must_use]
    pub fn is(&self, person: PersonId) -> bool {
        let acting = self.substitute.as_ref().and_then(|s| s.person);
        self.person == Some(person) || acting == Some(person)
    }

    /// Whether the actor holds one of `roles` over a person who works in `organisations`. A person who works nowhere
    /// is reached only by a role over the whole installation.
    #[must_use]
    pub fn holds(&self, roles: &[Role], organisations: &[UnitId]) -> bool {
        self.grants
            .iter()
            .filter(|g| roles.contains(&g.role))
            .any(|g| match &g.organisations {
                None => true,
                Some(own) => organisations.iter().any(|o| own.contains(o)),
            })
    }

    /// Whether the actor holds one of `roles` anywhere.
    #[must_use]
    pub fn has(&self, roles: &[Role]) -> bool {
        self.grants.iter().any(|g| roles.contains(&g.role))
    }

    /// How far the actor sees through roles over units; persons assigned to it are added by the stage that knows them.
    #[must_use]
    pub fn scope(&self, assigned: &[PersonId]) -> Scope {
        let over_units = || self.grants.iter().filter(|g| !OVER_ASSIGNED.contains(&g.role));
        if over_units().any(|g| g.organisations.is_none()) {
            return Scope::of_server("role over the installation");
        }
        let organisations = over_units()
            .flat_map(|g| g.organisations.iter().flatten().map(|o| o.0))
            .collect();
        let persons = assigned.iter().chain(self.person.iter()).map(|p| p.0).collect();
        Scope::of_account(organisations, persons)
    }
}

/// Roles that head the people of an organisation.
pub const HEADS: &[Role] = &[Role::SchoolHead, Role::SchoolAdmin];

/// Roles that see only the persons assigned to them, whatever unit they were granted over.
pub const OVER_ASSIGNED: &[Role] = &[
    Role::Curator,
    Role::Tutor,
    Role::Supervisor,
    Role::Expert,
    Role::Mentor,
    Role::Teacher,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::Reach;

    #[test]
    fn a_role_over_assigned_people_never_sees_the_installation() {
        let grant = |role, unit| Grant {
            role,
            unit,
            organisations: None,
        };
        let tutor = Actor {
            account: AccountId(1),
            login: "t".into(),
            person: Some(PersonId(7)),
            grants: vec![grant(Role::Tutor, None), grant(Role::Teacher, None)],
            substitute: None,
        };
        let own = Reach::Some {
            organisations: vec![],
            persons: vec![9, 7],
        };
        assert_eq!(tutor.scope(&[PersonId(9)]).reach, own);
        let operator = Actor {
            grants: vec![grant(Role::Operator, None)],
            ..tutor
        };
        assert_eq!(operator.scope(&[]).reach, Reach::Installation);
    }
}
