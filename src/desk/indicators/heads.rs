//! «Сообщить руководителям»: whoever answers for the schools of a municipality or a region tells their heads of an indicator.
//! The schools and the receivers are shown before anything is sent; each letter says the number of its own school as its
//! head's page says it, and nothing of another school.

use std::collections::BTreeSet;

use chrono::Duration;

use crate::access;
use crate::audit;
use crate::db::{AnyConn, Tx};
use crate::desk::diagnostics::edit::sentence;
use crate::desk::indicators::figures::{HIDES, asked, crumbs, looking, page_of, period_name};
use crate::desk::indicators::figures_rows::{self, Found};
use crate::desk::indicators::heads_rows::{self as rows, Last, Receiver, School, Standing};
use crate::desk::indicators::heads_words::{letters, said};
use crate::desk::indicators::own_school;
use crate::desk::indicators::told::Seen;
use crate::desk::list::List;
use crate::desk::looked;
use crate::desk::once::{Keyed, is_other, once};
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, fact, problems};
use crate::error::Error;
use crate::indicators::Indicator;
use crate::mail::notice;
use crate::pages::parts::{Cell, Column, Empty, Fact, Link, Register};
use crate::pages::text::{NOTHING, capital, count, date, moment};
use crate::units::{UnitId, UnitKind};
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, address, token};

/// A line of the sender, at most.
const LONGEST: usize = 180;
/// So soon after the last time whoever sends again is warned.
const SOON: i64 = 7;
/// Choices of whom to tell: those below the target, or all that have a value.
const BELOW: &str = "below";
const VALUED: &str = "valued";

/// Where heads are told of an indicator of a place.
fn address_of(found: &Found, indicator: &Indicator) -> String {
    let path = format!("/heads/{}/{}", found.pack.code, indicator.code);
    address::address(
        &path,
        [
            ("period", found.period.code.as_str()),
            ("unit", found.unit.code.as_str()),
        ],
    )
}

/// The link on the page of the indicator, for whoever may tell heads and where there are schools below.
pub(crate) fn link(call: &Call, found: &Found, indicator: &Indicator) -> Result<Option<Link>, Error> {
    let may = call.visitor()?.may(Capability::Inform) && found.unit.kind != UnitKind::Organisation;
    Ok(may.then(|| Link::new("Сообщить руководителям", address_of(found, indicator))))
}

/// What is read for the page.
struct Shown {
    found: Found,
    indicator: Indicator,
    schools: Vec<School>,
    last: Option<Last>,
    /// The first school that would be told, as its head's page tells it.
    example: Option<Seen>,
}

/// `example`: for a page, which shows what the first one told would read; whoever sends needs none.
async fn find(call: &Call, example: bool) -> Result<Shown, Error> {
    let mut asked = asked(call, true);
    asked.by = Some(UnitKind::Organisation);
    let (looking, today) = (looking(call)?, call.app().clock.today());
    let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
        let missing = || Error::NotFound("показатель".into());
        let found = figures_rows::find(c, &looking, &asked)?.ok_or_else(missing)?;
        let indicator = found.indicator.clone().ok_or_else(missing)?;
        let schools = rows::schools(c, &found.below, today)?;
        let units: Vec<UnitId> = schools.iter().map(|school| school.seen.unit).collect();
        let last = rows::last(c, &units, &rows::key_of(&found, &indicator))?;
        let mut shown = Shown {
            found,
            indicator,
            schools,
            last,
            example: None,
        };
        if let Some(first) = shown.first().filter(|_| example).map(|school| school.seen.unit) {
            let of = BTreeSet::from([first]);
            shown.example = rows::as_heads_see(c, &shown.found, &shown.indicator, &of)?.remove(&first);
        }
        Ok(shown)
    };
    call.app().db.read(read).await
}

impl Shown {
    /// The schools that a choice means, of those that have somebody to tell and something to say.
    fn chosen(&self, whom: &str) -> Vec<&School> {
        let fits = |school: &&School| match whom {
            BELOW => school.standing == Standing::Below,
            _ => school.standing != Standing::Nothing,
        };
        self.schools.iter().filter(fits).collect()
    }

    /// What may be chosen: its code and words, where there is anybody.
    fn choices(&self) -> Vec<(String, String)> {
        let one = |code: &'static str, words: &str| {
            let told = self.chosen(code);
            let schools = told.iter().filter(|school| !school.receivers.is_empty()).count();
            (schools > 0).then(|| (code.to_owned(), format!("{words}: {}", of_schools(schools))))
        };
        [
            one(BELOW, "не достигшим цели"),
            one(VALUED, "всем, у кого есть значение"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The first school that has a value and somebody to tell.
    fn first(&self) -> Option<&School> {
        let told = self.chosen(VALUED);
        told.into_iter().find(|school| !school.receivers.is_empty())
    }

    /// Schools whose value is not told to whoever sends.
    fn hidden(&self) -> usize {
        let hidden = |school: &&School| school.standing == Standing::Hidden;
        self.schools.iter().filter(hidden).count()
    }

    /// Schools with a value and nobody to tell.
    fn silent(&self) -> usize {
        let silent = |school: &&&School| school.receivers.is_empty();
        self.chosen(VALUED).iter().filter(silent).count()
    }
}

fn of_schools(n: usize) -> String {
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    count(n, "организация", "организации", "организаций")
}

/// GET /heads/{pack}/{code}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &["period", "unit"])?;
        let shown = find(&call, true).await?;
        page(&call, &at, &shown, &[]).await
    })
}

async fn page(call: &Call, at: &List, shown: &Shown, wrong: &[Wrong]) -> Result<Answer, Error> {
    let rows: Vec<School> = at.rows(shown.schools.clone());
    let told: Vec<&Receiver> = rows.iter().flat_map(|school| &school.receivers).collect();
    let named: Vec<i64> = told.iter().map(|receiver| receiver.account.0).collect();
    looked::list(call, "account", "", &named, named.len()).await?;
    let sheet = sheet(call, at, shown, &rows, wrong)?;
    let answer = Answer::page("desk/register", &sheet)?;
    let title = format!("Сообщить руководителям: {}", shown.indicator.title);
    Ok(if wrong.is_empty() {
        answer.title(title)
    } else {
        answer.status(422).title(format!("Ошибка: {title}"))
    })
}

/// How the last time is told. To how many is not told to whom values are hidden: it would tell how many of these are below
/// the target.
fn last_said(call: &Call, shown: &Shown) -> String {
    let Some(last) = &shown.last else {
        return "ещё не сообщали".into();
    };
    if shown.hidden() > 0 {
        return format!("{} · {}", moment(last.at, call.zone()), last.by);
    }
    let to = i64::try_from(last.to).unwrap_or(i64::MAX);
    let to = count(to, "руководителю", "руководителям", "руководителям");
    format!("{} · {to} · {}", moment(last.at, call.zone()), last.by)
}

fn facts(call: &Call, shown: &Shown) -> Vec<Fact> {
    let aims = shown.schools.iter().any(|school| school.seen.target_milli.is_some());
    let below = if aims {
        let below = of_schools(shown.chosen(BELOW).len());
        match shown.hidden() {
            0 => below,
            n => format!("{below}; значение не показано: {}", of_schools(n)),
        }
    } else {
        "цель на этот период не задана".to_owned()
    };
    let silent = shown.silent();
    let nobody = (silent > 0).then(|| fact("Некому сообщить", of_schools(silent)));
    let last = shown.found.period.ends_on;
    let over = (last < call.app().clock.today()).then(|| {
        let said = format!("закончился {}, сообщение говорит о прошлом", date(last));
        fact("Период", said)
    });
    let all = [
        over,
        Some(fact("Не достигли цели", below)),
        nobody,
        Some(fact("Последний раз", last_said(call, shown))),
    ];
    all.into_iter().flatten().collect()
}

fn sheet(call: &Call, at: &List, shown: &Shown, rows: &[School], wrong: &[Wrong]) -> Result<Sheet, Error> {
    let (found, indicator) = (&shown.found, &shown.indicator);
    let columns = [
        Column::words("Организация"),
        Column::figures("Значение"),
        Column::figures("Цель"),
        Column::words("До цели"),
        Column::words("Кому сообщить"),
    ];
    let row = |school: &School| {
        let [value, goal, away] = said(found, indicator, &school.seen);
        let whom: Vec<String> = school
            .receivers
            .iter()
            .map(|of| {
                if of.is_head {
                    of.name.clone()
                } else {
                    format!("{}, заместитель", of.name)
                }
            })
            .collect();
        vec![
            Cell::text(school.seen.unit_name.clone()),
            Cell::text(value),
            Cell::text(if school.seen.target_milli.is_some() {
                goal
            } else {
                NOTHING.to_owned()
            }),
            Cell::text(capital(&away)),
            Cell::text(match school.standing {
                Standing::Nothing => "сообщать нечего: значения нет".to_owned(),
                _ if whom.is_empty() => "некому сообщить".to_owned(),
                _ => whom.join("; "),
            }),
        ]
    };
    let table: Vec<Vec<Cell>> = rows.iter().map(row).collect();
    let mut way = crumbs(found, indicator);
    let own = page_of(found, indicator, "", &found.unit.code, None);
    way.push(Link::new(format!("{} {}", indicator.code, found.unit.name), own));
    Ok(Sheet {
        crumbs: way,
        heading: format!("{}: сообщить руководителям", indicator.code),
        lead: format!("{} · {} · {}", indicator.title, found.unit.name, period_name(found)),
        done: call.query.get("done").map(|_| "Сообщение отправлено"),
        problems: problems(wrong),
        facts: if table.is_empty() {
            Vec::new()
        } else {
            facts(call, shown)
        },
        paging: at.paging(shown.schools.len()),
        empty: table.is_empty().then(|| {
            let text =
                "Сообщают из муниципалитета или региона: откройте показатель там, где под ним стоят организации.";
            Empty::new("Организаций здесь нет", text)
        }),
        register: (!table.is_empty()).then(|| Register::new("Организации", &columns, table)),
        blocks: blocks(call, shown, wrong)?,
        token: call.token(),
        ..Sheet::default()
    })
}

/// The words of the letter, by the first school that would get one, and the form.
fn blocks(call: &Call, shown: &Shown, wrong: &[Wrong]) -> Result<Vec<Block>, Error> {
    let (found, indicator, choices) = (&shown.found, &shown.indicator, shown.choices());
    if shown.schools.is_empty() {
        return Ok(Vec::new());
    }
    let (Some(first), false) = (shown.first(), choices.is_empty()) else {
        let text = if shown.chosen(VALUED).is_empty() {
            "Ни у одной организации значения нет: сначала нужны сведения, их называет паспорт показателя."
        } else {
            "Ни у одной организации нет учётной записи директора или заместителя. Роли выдают на странице «Пользователи и роли»."
        };
        return Ok(vec![Block {
            title: "Отправить некому".into(),
            text: Some(text.into()),
            ..Block::default()
        }]);
    };
    let example = shown.example.as_ref().unwrap_or(&first.seen);
    let [value, goal, away] = said(found, indicator, example);
    let opens = match own_school::missed(found, indicator, example) {
        Some(_) => "список его педагогов, о которых идёт речь, с именами",
        None => "страница показателя",
    };
    let line = |name: &str, words: String| vec![Cell::text(name), Cell::text(words)];
    let letter = vec![
        line("Показатель", format!("{} {}", indicator.code, indicator.title)),
        line("Организация", first.seen.unit_name.clone()),
        line("Значение", value),
        line("Цель", goal),
        line("До цели", capital(&away)),
        line("Что откроется", opens.to_owned()),
        line("От кого", format!("ваше имя, {}", found.unit.name)),
    ];
    let now = call.app().clock.now();
    let soon = shown.last.as_ref().filter(|last| now - last.at < Duration::days(SOON));
    let warning = soon.map(|_| {
        format!(
            "Меньше семи дней назад об этом уже сообщали: {}. Если отправить снова, руководители получат второе уведомление.",
            last_said(call, shown)
        )
    });
    let sent = Sent(&call.form);
    let typed = |name: &str| match (name, call.form.get(name)) {
        ("whom", None) => choices.first().map_or_else(String::new, |(code, _)| code.clone()),
        _ => sent.text(name),
    };
    let fill = Fill { values: &typed, wrong };
    let columns = [Column::words("Что"), Column::words("Как будет написано")];
    let mut example = format!(
        "На примере: {}. Каждый получит число только своей организации, каким оно стоит на его странице.",
        first.seen.unit_name
    );
    if shown.schools.iter().any(|school| school.standing == Standing::Hidden) {
        example.push(' ');
        example.push_str(HIDES);
    }
    Ok(vec![
        Block {
            title: "Что прочтёт руководитель".into(),
            text: Some(example),
            register: Some(Register::new("Слова сообщения", &columns, letter)),
            ..Block::default()
        },
        Block {
            title: "Отправить".into(),
            text: warning,
            forms: vec![Form {
                action: address_of(found, indicator),
                key: token::random_name()?,
                parts: vec![
                    fill.choice("whom", "Кому", None, choices.iter().cloned()),
                    fill.line(
                        "note",
                        "Добавить от себя",
                        Some("Одна строка до 180 знаков; можно оставить пустой"),
                    ),
                ],
                button: "Отправить".into(),
                ..Form::default()
            }],
            ..Block::default()
        },
    ])
}

/// What is wrong with the form.
fn wrong(shown: &Shown, whom: &str, note: &str) -> Option<Wrong> {
    let known = shown.choices();
    if known.is_empty() {
        return Some((
            "whom",
            "Отправить некому: нет значений или учётных записей руководителей.".into(),
        ));
    }
    if known.iter().all(|(code, _)| code != whom) {
        return Some(("whom", "Выберите, кому сообщить.".into()));
    }
    let long = note.chars().count() > LONGEST;
    long.then(|| ("note", format!("Здесь больше {LONGEST} знаков: сократите.")))
}

/// POST /heads/{pack}/{code}
pub fn send(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &["period", "unit"])?;
        let form = call.form.only(&["key", "whom", "note"])?;
        let (whom, note) = (Sent(form).text("whom"), Sent(form).text("note"));
        let shown = find(&call, false).await?;
        if let Some(wrong) = wrong(&shown, &whom, &note) {
            let shown = find(&call, true).await?;
            return page(&call, &at, &shown, &[wrong]).await;
        }
        if Keyed::of(&call)?.is_none() {
            return Err(Error::form_changed());
        }
        let back = address_of(&shown.found, &shown.indicator);
        let (visitor, key) = (call.visitor()?.clone(), call.app().keys.audit.clone());
        let told: Vec<School> = shown.chosen(&whom).into_iter().cloned().collect();
        let silent = told.iter().filter(|school| school.receivers.is_empty()).count();
        let codes: Vec<String> = told.iter().map(|school| school.seen.unit_code.clone()).collect();
        let place = &shown.found;
        let filter = format!(
            "pack={} indicator={} unit={} period={} part={whom}",
            place.pack.code, shown.indicator.code, place.unit.code, place.period.code
        );
        let mut entry = looked::at_list(&visitor, &key, "indicator", &filter, &codes, codes.len());
        entry.action = "indicator.heads";
        let units: BTreeSet<UnitId> = told.iter().map(|school| school.seen.unit).collect();
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let own = rows::as_heads_see(c, &shown.found, &shown.indicator, &units)?;
            Ok((shown, own))
        };
        let (shown, own) = call.app().db.read(read).await?;
        let write = move |tx: &mut Tx<'_>| -> Result<String, Error> {
            let name = access::store::doer(tx.conn(), visitor.account, visitor.on_behalf_of())?;
            let from = format!("{name}, {}", shown.found.unit.name);
            let letters = letters(tx, (&shown.found, &shown.indicator), (&told, &own), (&from, &note));
            notice::tell(tx, &letters)?;
            entry.detail = format!("{} sent={} nobody={silent}", entry.detail, letters.len());
            audit::record(tx, &key, &[entry])?;
            Ok(letters.len().to_string())
        };
        match once(&call, write).await {
            Ok(sent) => Ok(Answer::redirect(format!("{back}&done={sent}"))),
            Err(Error::Refused(why)) => {
                let shown = find(&call, true).await?;
                let said = if is_other(&why) {
                    "Сообщение уже отправлено. Чтобы отправить ещё одно, проверьте, кому оно, и нажмите «Отправить» снова."
                        .to_owned()
                } else {
                    sentence(&why)
                };
                page(&call, &at, &shown, &[("whom", said)]).await
            }
            Err(e) => Err(e),
        }
    })
}
