//! Accounts for the staff of a school in one action, with a code to print for each: who has one already, who may be
//! given a sheet, and the act itself.
//!
//! A sheet opens an account, so nobody prints one for an account that may do more than a teacher, for one of another
//! school, for one whose holder works with it and can get a new password by mail, or for themselves. Of a person who
//! works in two schools the account is of the school that made it; the other one sees that it exists. When the first
//! school is left, the one where the person works now may print a sheet.

use std::collections::{BTreeSet, HashMap};

use chrono::{Duration, NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::add::{self, Add};
use super::code::{self, FirstCode};
use super::model::{Account, AccountId, AccountState, Role};
use super::{first, former, login};
use crate::audit;
use crate::db::dialect::{self, lock_space};
use crate::db::schema::{account, role_grant};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::people::{self, PersonId};
use crate::text_enum;
use crate::units::UnitId;

text_enum! {
    /// Where somebody stands with their account; codes stand in addresses.
    Standing {
        Nobody = "none" "нет учётной записи",
        Waits = "waits" "ждёт первого входа",
        Late = "late" "срок листка прошёл",
        Works = "works" "работает",
        Suspended = "suspended" "приостановлена",
    }
}

/// Why a sheet is not printed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bar {
    /// It is one's own account.
    Own,
    /// The account may do more than a teacher.
    OtherRole,
    /// Another school made it, and the person works there too.
    OtherSchool,
    /// It may not act.
    Suspended,
    /// Its holder works with it and has a mailbox: a new password comes by a letter, to the holder alone.
    Mail,
}

impl Bar {
    /// The same in words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Own => "это вы: листок себе не выдают",
            Self::OtherRole => "есть другие роли: листок здесь не выдают",
            Self::OtherSchool => "учётная запись другой организации",
            Self::Suspended => "учётная запись приостановлена",
            Self::Mail => "есть почта: новый пароль приходит письмом по ссылке «Забыли пароль?»",
        }
    }
}

/// The account of a member of staff.
#[derive(Debug, Clone)]
pub struct Held {
    /// Id.
    pub id: AccountId,
    /// Login.
    pub login: String,
    /// Where it stands.
    pub standing: Standing,
    /// Until when the sheet opens it, while one waits.
    pub until: Option<NaiveDateTime>,
    /// The sheet that waits, in time or not.
    pub waiting: Option<FirstCode>,
    /// Whether letters reach its holder.
    pub has_mail: bool,
    /// Why no sheet is printed here; `None`: it may be.
    pub bar: Option<Bar>,
}

/// Who prints sheets, and for which organisations.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// The account.
    pub account: i64,
    /// The person behind it, if one is known.
    pub person: Option<PersonId>,
    /// The region.
    pub region: UnitId,
    /// Organisations of the role in use.
    pub organisations: BTreeSet<UnitId>,
}

/// The accounts of persons, as an issuer sees them on a day.
///
/// # Errors
/// Those of the database.
pub fn held(
    conn: &mut AnyConn,
    by: &Issuer,
    persons: &[PersonId],
    now: NaiveDateTime,
    today: NaiveDate,
) -> Result<HashMap<PersonId, Held>, DbError> {
    let mut accounts: Vec<Account> = Vec::new();
    for block in persons.chunks(1000) {
        let rows: Vec<Account> = account::table
            .filter(account::person_id.eq_any(block))
            .order(account::id)
            .select(Account::as_select())
            .load(conn)?;
        accounts.extend(rows);
    }
    let ids: Vec<AccountId> = accounts.iter().map(|a| a.id).collect();
    // A mailbox that opens nothing yet does not keep a sheet from whoever has forgotten the password.
    let unsaid = former::unsaid(conn, &ids)?;
    for own in accounts.iter_mut().filter(|own| unsaid.contains(&own.id)) {
        own.email = None;
    }
    let mut grants: HashMap<AccountId, Vec<(Role, Option<UnitId>)>> = HashMap::new();
    for block in ids.chunks(1000) {
        // A role that begins later counts: it would be opened by the same sheet.
        let rows: Vec<(AccountId, Role, Option<UnitId>)> = role_grant::table
            .filter(role_grant::account_id.eq_any(block))
            .filter(role_grant::superseded_at.is_null())
            .filter(role_grant::valid_to.is_null().or(role_grant::valid_to.gt(today)))
            .select((role_grant::account_id, role_grant::role, role_grant::unit_id))
            .load(conn)?;
        for (of, role, unit) in rows {
            grants.entry(of).or_default().push((role, unit));
        }
    }
    let mut codes: HashMap<AccountId, FirstCode> = HashMap::new();
    codes.extend(code::of_accounts(conn, &ids)?.into_iter().map(|c| (c.account_id, c)));
    let elsewhere: BTreeSet<PersonId> = people::store::jobs(conn, by.region, persons)?
        .into_iter()
        .filter(|j| j.valid_from <= today && j.valid_to.is_none_or(|to| today < to))
        .filter(|j| !by.organisations.contains(&j.organisation_id))
        .map(|j| j.person_id)
        .collect();
    let mut found: HashMap<PersonId, Held> = HashMap::new();
    for own in accounts {
        let Some(person) = own.person_id else { continue };
        let roles = grants.remove(&own.id).unwrap_or_default();
        let waiting = codes.remove(&own.id);
        let (standing, until) = standing(&own, waiting.as_ref(), now);
        let one = Held {
            bar: bar(by, person, &own, &roles, elsewhere.contains(&person)),
            id: own.id,
            login: own.login,
            standing,
            until,
            waiting,
            has_mail: own.email.is_some(),
        };
        // Of several accounts the one that a sheet may open is shown.
        if found
            .get(&person)
            .is_none_or(|known| known.bar.is_some() && one.bar.is_none())
        {
            found.insert(person, one);
        }
    }
    Ok(found)
}

fn standing(of: &Account, code: Option<&FirstCode>, now: NaiveDateTime) -> (Standing, Option<NaiveDateTime>) {
    match (of.state, code) {
        (AccountState::Suspended, _) => (Standing::Suspended, None),
        (_, Some(code)) if now < code.ends_at => (Standing::Waits, Some(code.ends_at)),
        _ if of.password_hash.is_empty() => (Standing::Late, None),
        _ => (Standing::Works, None),
    }
}

fn bar(by: &Issuer, person: PersonId, of: &Account, roles: &[(Role, Option<UnitId>)], elsewhere: bool) -> Option<Bar> {
    let own_unit = |unit: &Option<UnitId>| unit.is_some_and(|u| by.organisations.contains(&u));
    if by.person == Some(person) || of.id.0 == by.account {
        Some(Bar::Own)
    } else if of.state == AccountState::Suspended {
        Some(Bar::Suspended)
    } else if roles.is_empty() || roles.iter().any(|(role, _)| *role != Role::Teacher) {
        Some(Bar::OtherRole)
    } else if elsewhere && !roles.iter().all(|(_, unit)| own_unit(unit)) {
        Some(Bar::OtherSchool)
    } else if of.email.is_some() && !of.password_hash.is_empty() && !crate::planted!("sheet_over_mail") {
        Some(Bar::Mail)
    } else {
        None
    }
}

/// Somebody who is to have an account.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// The person.
    pub person: PersonId,
    /// The organisation of the role.
    pub organisation: UnitId,
    /// What the login begins with.
    pub stem: String,
}

/// A sheet: kept nowhere.
#[derive(Debug)]
pub struct Sheet {
    /// The person.
    pub person: PersonId,
    /// Login.
    pub login: String,
    /// The code.
    pub code: String,
    /// Until when it opens the account.
    pub until: NaiveDateTime,
}

/// The sheet of an account once more, for whoever asked for it by `form` and within a quarter of an hour; `None` when it
/// was used, replaced, asked for otherwise or is long printed.
#[must_use]
pub fn again(codes: &[u8], form: &str, person: PersonId, of: &Held, now: NaiveDateTime) -> Option<Sheet> {
    let waits = of.waiting.as_ref()?;
    let printed = code::of_form(codes, form, of.id);
    let same = code::digest(codes, of.id, &printed).as_ref() == Some(&waits.digest);
    let fresh = now < waits.ends_at && now < waits.created_at + Duration::minutes(code::SHOWN_MINUTES);
    (same && fresh).then(|| Sheet {
        person,
        login: of.login.clone(),
        code: printed,
        until: waits.ends_at,
    })
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The random key of the form: the codes are drawn from it.
    pub form: &'a str,
    /// Who gets an account.
    pub new: &'a [Newcomer],
    /// Whose account gets a new sheet.
    pub again: &'a [PersonId],
    /// That those of them who work with their account asked for it themselves.
    pub sure: bool,
}

/// The keys that the act needs.
#[derive(Debug, Clone, Copy)]
pub struct SheetKeys<'a> {
    /// Of the journal.
    pub audit: &'a [u8],
    /// Of the codes.
    pub codes: &'a [u8],
}

/// Takes the lock of accounts: from here on nobody else makes one for the same people or with the same logins.
///
/// # Errors
/// Those of the database.
pub fn lock(tx: &mut Tx<'_>) -> Result<(), DbError> {
    dialect::lock(tx.conn(), lock_space::ACCOUNTS, [0])
}

/// Makes accounts for newcomers and prints sheets for them and for accounts that are there; all or nothing. The earlier
/// sheet and password of such an account end, and whatever is signed in to it. The caller holds the [`lock`] and has
/// found all of them within the organisations of the issuer. The codes are shown by [`again`].
///
/// # Errors
/// Somebody has an account meanwhile, may not be given a sheet, or works with the account and `sure` was not said; those
/// of the database.
pub fn issue(tx: &mut Tx<'_>, keys: SheetKeys<'_>, by: &Issuer, asked: Asked<'_>) -> Result<(), Error> {
    let (now, today) = (tx.now(), tx.today());
    let Asked { form, new, again, sure } = asked;
    let persons: Vec<PersonId> = new.iter().map(|n| n.person).chain(again.iter().copied()).collect();
    let known = held(tx.conn(), by, &persons, now, today)?;
    if new.iter().any(|n| known.contains_key(&n.person)) {
        return Err(Refusal::new("access.staff_changed").into());
    }
    if new.iter().any(|n| by.person == Some(n.person)) {
        return Err(Refusal::new("access.sheet_barred").into());
    }
    let mut opened: Vec<(PersonId, AccountId)> = Vec::with_capacity(persons.len());
    for person in again {
        let one = known.get(person).ok_or_else(|| Refusal::new("access.staff_changed"))?;
        if one.bar.is_some() {
            return Err(Refusal::new("access.sheet_barred").into());
        }
        if one.standing == Standing::Works && !sure {
            return Err(Refusal::new("access.sheet_works").into());
        }
        opened.push((*person, one.id));
    }
    let old: Vec<AccountId> = opened.iter().map(|(_, id)| *id).collect();
    code::end(tx, &old)?;
    first::set_password(tx, &old, "")?;
    let stems: Vec<String> = new.iter().map(|n| n.stem.clone()).collect();
    let logins = login::free(tx.conn(), &stems)?;
    let inputs: Vec<Add> = new
        .iter()
        .zip(&logins)
        .map(|(n, login)| teacher(by, n, login))
        .collect();
    let ids = add::insert_all(tx, &inputs)?;
    opened.extend(new.iter().zip(ids).map(|(n, id)| (n.person, id)));
    let (mut codes, mut entries) = (Vec::new(), Vec::new());
    for (place, (person, id)) in opened.into_iter().enumerate() {
        let digest = code::digest(keys.codes, id, &code::of_form(keys.codes, form, id));
        codes.push(FirstCode {
            account_id: id,
            digest: digest.ok_or_else(|| Error::Internal("код не читается".into()))?,
            issued_by: by.account,
            created_at: now,
            ends_at: now + Duration::hours(code::HOURS),
        });
        let act = if place < again.len() {
            "access.new_sheet"
        } else {
            "access.first_sheet"
        };
        let mut entry = audit::Entry::of_server(act, "account", Some(id.0));
        entry.account = Some(by.account);
        entry.region = Some(by.region.0);
        entry.person = Some(person.0);
        entries.push(entry);
    }
    code::put(tx, codes)?;
    audit::record(tx, keys.audit, &entries)?;
    Ok(())
}

fn teacher(by: &Issuer, of: &Newcomer, login: &str) -> Add {
    Add {
        login: login.to_owned(),
        role: Role::Teacher,
        unit: Some((of.organisation, by.region)),
        person: Some(of.person),
        name: None,
        email: None,
        password_hash: None,
        from: None,
        to: None,
        by: None,
    }
}
