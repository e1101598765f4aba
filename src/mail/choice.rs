//! How often letters come: each account chooses for groups of kinds. Letters about the account itself are in no group.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::audit::{self, Entry};
use crate::db::dialect::named_at_once;
use crate::db::schema::notice_choice;
use crate::db::{AnyConn, DbError, Tx};
use crate::{each_db, text_enum};

text_enum! {
    /// How often letters of a group come.
    Frequency {
        AtOnce = "at_once" "сразу, отдельным письмом",
        Daily = "daily" "раз в день, одним письмом",
        Weekly = "weekly" "раз в неделю, одним письмом",
        Off = "off" "не присылать",
    }
}

/// Letters that are chosen together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// Its code.
    pub code: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What is in it.
    pub about: &'static str,
    /// Kinds of letters.
    pub kinds: &'static [&'static str],
    /// How often they come to whoever has chosen nothing.
    pub usual: Frequency,
}

/// Every group, as the page shows them.
pub const GROUPS: &[Group] = &[
    Group {
        code: "plan",
        label: "Мой маршрут",
        about: "маршрут ждёт согласия, шаг возвращён, маршрут изменён, заявка отозвана, вас приглашают на диагностику или её \
                отменили",
        kinds: &[
            "iom_sent",
            "iom_item_returned",
            "iom_changed",
            "iom_application_ended",
            "procedure_invited",
            "procedure_called_off",
        ],
        usual: Frequency::AtOnce,
    },
    Group {
        code: "progress",
        label: "Ход маршрута",
        about: "шаг зачтён; решено по заявке на курс; кто вас теперь сопровождает; ваш маршрут или тот, который вы \
                сопровождаете, утверждён, начат, изменён, приостановлен, возобновлён, закрыт",
        kinds: &["iom_progress", "iom_progress_support"],
        usual: Frequency::Daily,
    },
    Group {
        code: "support",
        label: "Сопровождение",
        about: "шаг ждёт проверки, поручено сопровождение, поручены или переданы маршруты",
        kinds: &[
            "iom_submitted",
            "iom_assigned",
            "supporters_handed",
            "supporters_assigned",
            "supporters_passed",
        ],
        usual: Frequency::AtOnce,
    },
    Group {
        code: "school",
        label: "Маршруты школы",
        about: "маршрут школы ждёт утверждения, вернулся на доработку, шаг некому проверить",
        kinds: &["iom_to_approve", "iom_came_back", "iom_unaccompanied"],
        usual: Frequency::AtOnce,
    },
    Group {
        code: "dates",
        label: "Сроки шагов",
        about: "за неделю до срока, в день срока и после него",
        kinds: &["iom_due"],
        usual: Frequency::Daily,
    },
    Group {
        code: "settled",
        label: "Вопрос закрыт",
        about: "на то, что ждало вас, уже ответил другой",
        kinds: &["iom_settled"],
        usual: Frequency::Daily,
    },
    Group {
        code: "calendar",
        label: "Календарь",
        about: "за неделю до срока дела, в день срока и после него; дело отметил другой",
        kinds: &["calendar_due", "calendar_settled"],
        usual: Frequency::Daily,
    },
    Group {
        code: "goals",
        label: "Показатели",
        about: "чего не хватает, чтобы вас учли; показатель вашей организации; опубликованы показатели региона",
        kinds: &["indicator_reminder", "indicator_told", "edition_opened"],
        usual: Frequency::AtOnce,
    },
    Group {
        code: "reports",
        label: "Отчёты",
        about: "начат сбор отчётов, отчёт возвращён или ещё не сдан",
        kinds: &["report_reminder", "report_asked", "report_returned"],
        usual: Frequency::AtOnce,
    },
];

/// Code of the letter that holds many notices: whoever ends it ends all groups that come in it.
pub const DIGEST: &str = "digest";

/// The kind of that letter.
pub const DIGEST_KIND: &str = "notice_digest";

/// The group of a kind; `None` is a letter about the account itself, which always goes.
#[must_use]
pub fn group_of(kind: &str) -> Option<&'static Group> {
    GROUPS.iter().find(|group| group.kinds.contains(&kind))
}

/// What a letter of this kind can be ended by; `None` is one that always goes.
#[must_use]
pub fn ended_by(kind: &str) -> Option<&'static str> {
    if kind == DIGEST_KIND {
        return Some(DIGEST);
    }
    group_of(kind).map(|group| group.code)
}

/// What accounts have chosen.
#[derive(Debug, Clone, Default)]
pub struct Choices(HashMap<(i64, String), Frequency>);

impl Choices {
    /// How often letters of a kind come to an account; those of no group come at once.
    #[must_use]
    pub fn of(&self, account: i64, kind: &str) -> Frequency {
        group_of(kind).map_or(Frequency::AtOnce, |group| self.of_group(account, group))
    }

    /// How often letters of a group come to an account.
    #[must_use]
    pub fn of_group(&self, account: i64, group: &Group) -> Frequency {
        let chosen = self.0.get(&(account, group.code.to_owned()));
        chosen.copied().unwrap_or(group.usual)
    }
}

/// Reads what these accounts have chosen.
///
/// # Errors
/// Those of the database.
pub fn of(conn: &mut AnyConn, accounts: &[i64]) -> Result<Choices, DbError> {
    let mut found = HashMap::new();
    for block in accounts.chunks(named_at_once(conn, accounts.len())) {
        let rows: Vec<(i64, String, Frequency)> = crate::among!(
            conn, c, notice_choice::table, notice_choice::account_id, block, rows => rows
                .select((
                    notice_choice::account_id,
                    notice_choice::kinds,
                    notice_choice::frequency,
                ))
                .load(c)
        )?;
        found.extend(rows.into_iter().map(|(account, kinds, how)| ((account, kinds), how)));
    }
    Ok(Choices(found))
}

#[derive(Insertable)]
#[diesel(table_name = notice_choice)]
struct Row {
    account_id: i64,
    kinds: &'static str,
    frequency: Frequency,
    changed_at: chrono::NaiveDateTime,
}

/// Who chooses, and where it is recorded.
#[derive(Debug, Clone, Copy)]
pub struct Choosing {
    /// Whose letters.
    pub account: i64,
    /// The region of the account.
    pub region: Option<i64>,
    /// Whether it was the link of a letter.
    pub by_letter: bool,
}

/// Keeps a choice; what stays as it was is not written. Returns how many groups changed.
///
/// # Errors
/// Those of the database.
pub fn choose(
    tx: &mut Tx<'_>,
    key: &[u8],
    of: Choosing,
    chosen: &[(&'static Group, Frequency)],
) -> Result<usize, DbError> {
    let before = self::of(tx.conn(), &[of.account])?;
    let changed: Vec<_> = chosen
        .iter()
        .filter(|(group, how)| before.of_group(of.account, group) != *how)
        .collect();
    if changed.is_empty() {
        return Ok(0);
    }
    let now = tx.now();
    let rows: Vec<Row> = changed
        .iter()
        .map(|(group, frequency)| Row {
            account_id: of.account,
            kinds: group.code,
            frequency: *frequency,
            changed_at: now,
        })
        .collect();
    for row in &rows {
        each_db!(tx.conn(), c => diesel::insert_into(notice_choice::table)
            .values(row)
            .on_conflict((notice_choice::account_id, notice_choice::kinds))
            .do_update()
            .set((
                notice_choice::frequency.eq(row.frequency),
                notice_choice::changed_at.eq(now),
            ))
            .execute(c))?;
    }
    let said: Vec<String> = changed
        .iter()
        .map(|(group, how)| format!("{}:{how}", group.code))
        .collect();
    let action = if of.by_letter {
        "mail.unsubscribe"
    } else {
        "mail.choice"
    };
    let mut entry = Entry::of_server(action, "account", Some(of.account));
    (entry.account, entry.region) = (Some(of.account), of.region);
    entry.detail = format!("choice={}", said.join(","));
    audit::record(tx, key, &[entry])?;
    Ok(changed.len())
}

/// Ends letters of a group, or all that come in the digest. Returns how many groups changed.
///
/// # Errors
/// Those of the database.
pub fn end(tx: &mut Tx<'_>, key: &[u8], of: Choosing, code: &str) -> Result<usize, DbError> {
    let before = self::of(tx.conn(), &[of.account])?;
    let in_digest = |group: &&Group| {
        let how = before.of_group(of.account, group);
        matches!(how, Frequency::Daily | Frequency::Weekly)
    };
    let ended: Vec<(&'static Group, Frequency)> = GROUPS
        .iter()
        .filter(|group| group.code == code || code == DIGEST && in_digest(group))
        .map(|group| (group, Frequency::Off))
        .collect();
    choose(tx, key, of, &ended)
}

/// A recorded choice in words: «Сроки шагов — не присылать».
#[must_use]
pub fn said(codes: &str) -> String {
    let one = |code: &str| {
        let (group, how) = code.split_once(':')?;
        let group = GROUPS.iter().find(|of| of.code == group)?;
        Some(format!("{} — {}", group.label, Frequency::from_code(how)?.label()))
    };
    let words: Vec<String> = codes
        .split(',')
        .map(|code| one(code).unwrap_or_else(|| code.to_owned()))
        .collect();
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_of_one_group_and_letters_about_the_account_of_none() {
        let mut all: Vec<&str> = GROUPS.iter().flat_map(|g| g.kinds).copied().collect();
        let kinds = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), kinds);
        for kind in ["access_reset", "access_delegation", "access_bulk_export"] {
            assert_eq!((group_of(kind), ended_by(kind)), (None, None), "{kind}");
        }
        assert_eq!(
            (ended_by(DIGEST_KIND), ended_by("iom_due")),
            (Some("digest"), Some("dates"))
        );
        assert_eq!(Choices::default().of(7, "iom_due"), Frequency::Daily);
        assert_eq!(Choices::default().of(7, "access_reset"), Frequency::AtOnce);
    }
}
