//! The codes of a row of the journal in words: what was chosen, to whom, how many. The codes themselves stand beside.

use crate::access::link::LinkKind;
use crate::access::secret::Tried;
use crate::access::{Role, Work};
use crate::activity::reserve;
use crate::desk::journal::records;
use crate::desk::journal::rows::{Found, Row};
use crate::desk::plan::list as plans;
use crate::desk::rounds::list::What;
use crate::desk::upload::list;
use crate::diagnostics::{InvitationAnswer, ProcedureState};
use crate::exchange::Kind;
use crate::indicators::Cause;
use crate::iom::note::NoteKind;
use crate::iom::practice::Transfer;
use crate::iom::watch::{Formed, Risk};
use crate::iom::{ActKind, DeficitOutcome, GoalBasis, IomOrigin, IomState, SupporterKind};
use crate::mail::choice;
use crate::web::client;

/// What a code of `detail` is called. Those of a digest say nothing to a person and have no words.
pub const KEYS: &[(&str, &str)] = &[
    ("role", "роль"),
    ("unit", "единица"),
    ("on", "дата"),
    ("until", "по"),
    ("item", "шаг"),
    ("by", "из-за действия"),
    ("kind", "вид"),
    ("account", "учётная запись"),
    ("rules", "правила"),
    ("list", "перечень"),
    ("from", "с"),
    ("known", "по сведениям на"),
    ("sent", "отправлено"),
    ("lately", "напоминали недавно"),
    ("nobody", "без учётной записи"),
    ("to", "по"),
    ("works", "поручено"),
    ("accounts", "учётных записей"),
    ("change", "что изменено"),
    ("code", "код"),
    ("version", "версия"),
    ("letters", "писем"),
    ("choice", "письма"),
    ("logins", "логинов"),
    ("sessions", "входов"),
    ("objects", "записей"),
    ("values", "значений"),
    ("superseded", "из них заменено"),
    ("people", "людей"),
    ("rows", "строк всего"),
    ("units", "единиц"),
    ("count", "человек"),
    ("shown", "показано имён"),
    ("new", "новых"),
    ("changed", "изменено"),
    ("unchanged", "без изменений"),
    ("refused", "отказано"),
    ("quarantined", "ждут решения"),
    ("pack", "методика"),
    ("indicator", "показатель"),
    ("period", "период"),
    ("part", "часть"),
    ("row", "строка разреза"),
    ("edge", "граница"),
    ("points", "баллы"),
    ("page", "страница"),
    ("q", "поиск"),
    ("who", "кто"),
    ("person", "о ком"),
    ("action", "действие"),
    ("object", "объект"),
    ("in_role", "в роли"),
    ("state", "состояние"),
    ("supporter", "сопровождающий"),
    ("procedure", "диагностика"),
    ("course", "курс"),
    ("overdue", "просрочено"),
    ("platform", "на платформе"),
    ("origin", "составлен"),
    ("formed", "педагог увидел маршрут"),
    ("deficit", "исход дефицита"),
    ("goal", "цель"),
    ("transfer", "применение в работе"),
    ("practice", "применение в работе"),
    ("training", "обучение по маршруту"),
    ("of", "чьи"),
    ("risk", "отстают"),
    ("load", "нагрузка"),
    ("form", "форма"),
    ("lacks", "чего нет"),
    ("level", "уровень"),
    ("result", "результат"),
    ("year", "год"),
    ("sort", "порядок"),
    ("quality", "качество"),
    ("trained", "обучен"),
    ("past", "и прежние"),
    ("event", "мероприятие"),
    ("body", "объединение"),
    ("pair", "пара"),
    ("upload", "файл"),
    ("bodies", "объединений"),
    ("as", "как"),
    ("competence", "чему учит"),
    ("hours", "объём"),
    ("publication", "публикация"),
    ("vacancy", "вакансия"),
    ("campaign", "кампания"),
    ("survey", "опрос"),
    ("vote", "голосование"),
    ("regulation", "документ"),
    ("table", "таблица"),
    ("number", "номер"),
    ("edition", "выпуск"),
    ("undertaking", "проект"),
    ("expertise", "экспертиза"),
    ("link", "ссылка"),
    ("whom", "адресат"),
    ("subject", "предмет"),
    ("used", "пользуются"),
    ("source", "перечень"),
    ("against", "сравнение с"),
    ("side", "где есть"),
    ("staff", "работники"),
    ("norm", "норма нагрузки"),
    ("value", "значение"),
    ("women", "женщины"),
    ("since", "с года"),
    ("later", "через лет"),
    ("near", "где работают"),
    ("stage", "этап"),
    ("help", "поддержка"),
    ("show", "показать"),
    ("entered", "внесено"),
    ("criterion", "критерий"),
    ("documents_until", "документы до"),
    ("scoring_until", "оценка до"),
    ("appeals_until", "апелляции до"),
    ("error", "ошибка"),
    ("fields", "изменены поля"),
    ("columns", "столбцов"),
    ("results", "результатов"),
    ("answer", "ответ"),
    ("route", "раздел"),
    ("status", "код ответа"),
    ("request", "номер обращения"),
    ("device", "устройство"),
];
/// Fields of the records of the registers, as `fields` names them.
pub const FIELDS: &[(&str, &str)] = &[
    ("title", "название"),
    ("name", "название"),
    ("series", "серия"),
    ("kind", "вид"),
    ("level", "уровень"),
    ("starts_on", "первый день"),
    ("ends_on", "последний день"),
    ("rate", "ставка"),
    ("most", "предел маршрутов"),
    ("organiser", "организатор"),
    ("participants", "число участников"),
    ("link", "ссылка"),
    ("units", "участвующие единицы"),
    ("unit", "единица"),
    ("duties", "обязанности"),
    ("about", "о чём"),
    ("subject", "предмет"),
    ("state", "состояние"),
    ("act", "номер приказа или соглашения"),
    ("act_on", "дата приказа или соглашения"),
    ("parties", "стороны и партнёры"),
    ("authors", "авторы"),
    ("year", "год"),
    ("journal", "журнал или издательство"),
    ("addressees", "адресаты"),
    ("documents", "документы"),
    ("outcome", "итог"),
    ("qualities", "качества"),
    ("trained_on", "подготовка"),
    ("valid_days", "срок действия"),
    ("audience", "для кого"),
    ("framework", "рамка компетенций"),
    ("scale", "шкала"),
    ("purpose", "цель"),
    ("consent", "текст согласия"),
    ("released", "день, с которого результаты видят другие"),
    ("previous", "первичная диагностика"),
    ("statute", "положение"),
    ("instrument", "инструмент"),
    ("tool", "платформа"),
    ("number", "номер"),
    ("issued_on", "дата документа"),
    ("issuer", "издатель"),
    ("replaces", "что заменяет"),
    ("public", "кому виден"),
    ("cycle", "цикл"),
    ("stage", "этап цикла"),
];
/// Digests: for whoever compares two rows.
pub const DIGESTS: &[&str] = &["ids", "digest"];

/// Words that stand alone.
const ALONE: &[(&str, &str)] = &[
    ("nearest", "ближайшие к цели"),
    ("below", "не достигшие цели"),
    ("valued", "все со значением"),
    ("set", "записан"),
    ("removed", "убран"),
    ("chosen", "отмеченные"),
    ("skipped", "пропущенные"),
    ("yes", "да"),
    ("no", "нет"),
    ("on", "включён"),
    ("off", "выключен"),
    ("codes", "запасные коды"),
    ("recovery_used", "вход по запасному коду"),
    ("all", "все"),
    ("form_sent", "отправлена форма"),
    ("form_stale", "форма другого сеанса"),
    ("numerator", "вошли"),
    ("rest", "не вошли"),
    ("excluded", "исключены"),
    ("open_plans", "открытые маршруты"),
    ("with_deficits", "маршруты с открытыми дефицитами"),
    ("open_deficits", "открытые дефициты"),
    ("learnt", "после обучения"),
    ("*", "(скрыто)"),
];

fn of(table: &'static [(&'static str, &'static str)], code: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
}

/// A row's codes in words, in their order.
#[must_use]
pub fn details(found: &Found, row: &Row) -> String {
    let word = |part: &str| match part.split_once('=') {
        None => Some(of(ALONE, part).unwrap_or(part).to_owned()),
        Some((key, _)) if DIGESTS.contains(&key) => None,
        Some((key, value)) => Some(format!("{}: {}", called(row, key), said(found, row, key, value))),
    };
    let words = row.detail.split(' ').filter(|part| !part.is_empty()).filter_map(word);
    let words: Vec<String> = record(found, row).into_iter().chain(words).collect();
    words.join("; ")
}

/// «мероприятие: «Форум» (М-12)»: which record of a register it is about.
fn record(found: &Found, row: &Row) -> Option<String> {
    let (kind, id) = records::kind(&row.object_kind).zip(row.object)?;
    let title = found
        .records
        .get(&(kind, id))
        .map_or("записи больше нет", String::as_str);
    Some(format!("{}: {title}", crate::audit::words::object(kind)))
}

/// Whether a row is about who stands in for whom: two codes mean accounts there.
fn of_delegation(row: &Row) -> bool {
    row.object_kind == "delegation"
}

fn called<'a>(row: &Row, key: &'a str) -> &'a str {
    match key {
        "from" if of_delegation(row) => "замещаемый",
        "to" if of_delegation(row) => "замещающий",
        "on" if of_delegation(row) => "с",
        "rows" if matches!(row.object_kind.as_str(), "import_batch" | "returned_file") => "строк",
        key => of(KEYS, key).unwrap_or(key),
    }
}

fn said(found: &Found, row: &Row, key: &str, value: &str) -> String {
    let account = || {
        let (login, name) = found.accounts.get(&value.parse().ok()?)?;
        Some(if name == login {
            login.clone()
        } else {
            format!("{name} ({login})")
        })
    };
    let words = match key {
        "role" | "in_role" => Role::from_code(value).map(|role| role.label().to_owned()),
        "from" | "to" if of_delegation(row) => account(),
        "account" => account(),
        "works" => Some(each(value, |code| Work::from_code(code).map(Work::label))),
        "by" => ActKind::from_code(value).map(|act| act.label().to_owned()),
        "on" | "until" | "from" | "to" | "known" => day(value),
        "change" => Cause::from_code(value).map(|cause| cause.label().to_owned()),
        "unit" if value == "all" => Some("вся установка".to_owned()),
        "unit" => value.parse().ok().and_then(|id: i64| found.units.get(&id).cloned()),
        "action" => Some(crate::audit::words::named(value).to_owned()),
        "object" => Some(crate::audit::words::object(value).to_owned()),
        "state" => IomState::from_code(value)
            .map(IomState::label)
            .or_else(|| ProcedureState::from_code(value).map(ProcedureState::label))
            .map(str::to_owned),
        "list" => reserve::rules()
            .iter()
            .find(|rule| rule.code == value)
            .map(|rule| rule.title.clone()),
        "kind" => kind(row, value),
        "formed" => Formed::from_code(value).map(|formed| formed.label().to_owned()),
        "risk" => Risk::from_code(value).map(|risk| risk.label().to_owned()),
        "training" => plans::training(value).map(|(kind, stage)| format!("{}: {}", kind.label(), stage.label())),
        "deficit" => DeficitOutcome::from_code(value).map(|outcome| outcome.label().to_owned()),
        "origin" => IomOrigin::from_code(value).map(|origin| origin.label().to_owned()),
        "goal" => GoalBasis::from_code(value).map(|basis| basis.label().to_owned()),
        "practice" if value == "unseen" => Some("не смотрели".to_owned()),
        "practice" if value == "due" => Some("пора посмотреть".to_owned()),
        "transfer" | "practice" => Transfer::from_code(value).map(|seen| seen.label().to_owned()),
        "device" => Some(client::of_code(value)),
        "answer" => InvitationAnswer::from_code(value).map(|answer| answer.label().to_owned()),
        "fields" => Some(each(value, |code| of(FIELDS, code))),
        "choice" => Some(choice::said(value)),
        key => records::kind_of_code(key)
            .zip(value.parse().ok())
            .and_then(|record| found.records.get(&record).cloned()),
    };
    words.unwrap_or_else(|| of(ALONE, value).unwrap_or(value).to_owned())
}

fn each(codes: &str, label: impl Fn(&str) -> Option<&'static str>) -> String {
    let words: Vec<&str> = codes.split(',').map(|code| label(code).unwrap_or(code)).collect();
    words.join(", ")
}

fn day(value: &str) -> Option<String> {
    let on = chrono::NaiveDate::parse_from_str(value, "%Y-%m-%d").ok()?;
    Some(crate::pages::text::date(on))
}

/// A kind means another thing in each area.
fn kind(row: &Row, value: &str) -> Option<String> {
    let words = match row.action.as_str() {
        "iom.note" => NoteKind::from_code(value).map(NoteKind::label),
        "iom.assign" | "iom.hand_over" => SupporterKind::from_code(value).map(SupporterKind::label),
        crate::audit::words::FAILED => Tried::from_code(value).map(Tried::label),
        "access.link" | "access.link_password" => LinkKind::from_code(value).map(LinkKind::label),
        _ if row.object_kind == "returned_file" => What::from_code(value).map(What::label),
        action if action.starts_with("import.") => Kind::from_code(value).map(list::named),
        _ => None,
    };
    words.map(str::to_owned)
}

/// Ids of accounts that a row's codes name.
#[must_use]
pub fn accounts(row: &Row) -> Vec<i64> {
    let named = |key: &str| key == "account" || (of_delegation(row) && matches!(key, "from" | "to"));
    ids(row, named)
}

/// Ids of units that a row's codes name.
#[must_use]
pub fn units(row: &Row) -> Vec<i64> {
    let by_id = matches!(
        row.action.as_str(),
        "access.grant" | "access.revoke" | "access.stand_in"
    );
    ids(row, |key| by_id && key == "unit")
}

fn ids(row: &Row, wanted: impl Fn(&str) -> bool) -> Vec<i64> {
    let parts = row.detail.split(' ').filter_map(|part| part.split_once('='));
    parts
        .filter(|(key, _)| wanted(key))
        .filter_map(|(_, value)| value.parse().ok())
        .collect()
}
