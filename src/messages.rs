//! Every Russian sentence of a refusal, in one table: code, sentence with gaps `{name}`.
//!
//! A test finds codes that nobody raises and codes that are raised without a sentence. The sentence says what is wrong
//! and what to do; it names no identifiers of the program.

use crate::error::Refusal;

/// Code and sentence.
pub const TABLE: &[(&str, &str)] = &[
    // competence
    (
        "competence.scale_gap",
        "шкала не принята: значение {at} % не попадает ни в одну полосу",
    ),
    (
        "competence.scale_overlap",
        "шкала не принята: значение {at} % попадает больше чем в одну полосу или лежит вне 0–100",
    ),
    // acts
    ("acts.unknown_act", "действия «{act}» нет; есть: {known}"),
    ("acts.snils", "{advice}"),
    (
        "acts.item",
        "пункт «{item}»: нужен номер пункта плана, целое число от 1",
    ),
    ("acts.date", "дата «{date}»: нужна в виде ГГГГ-ММ-ДД или ДД.ММ.ГГГГ"),
    // iom
    ("iom.unknown_person", "человека с таким СНИЛС нет"),
    (
        "iom.two_regions",
        "этот СНИЛС есть в двух регионах, и у обоих есть ИОМ: действующий должен относиться к одному",
    ),
    ("iom.unknown_login", "действующей учётной записи «{login}» нет"),
    ("iom.no_plan", "открытого ИОМ у педагога нет"),
    ("iom.no_closed_plan", "закрытого ИОМ у педагога нет"),
    ("iom.future_day", "дата действия ещё не наступила"),
    ("iom.already_recorded", "это действие уже записано"),
    (
        "iom.out_of_order",
        "уже записано более позднее действие, от {after}: дата должна быть не раньше",
    ),
    ("iom.own_plan", "свой ИОМ не утверждают, не проверяют и не закрывают"),
    ("iom.not_allowed", "у «{login}» нет права «{act}» для этого ИОМ"),
    ("iom.wrong_state", "ИОМ в состоянии «{state}»: «{act}» невозможно"),
    (
        "iom.wrong_item_state",
        "пункт {item} в состоянии «{state}»: «{act}» невозможно",
    ),
    ("iom.item_needed", "укажите номер пункта"),
    ("iom.no_item", "пункта {item} в ИОМ нет"),
    ("iom.reason_needed", "укажите причину"),
    (
        "iom.nothing_to_send",
        "в ИОМ нет цели или пункта со сроком: отправлять нечего",
    ),
    ("iom.already_agreed", "педагог уже согласовал этот ИОМ"),
    ("iom.not_agreed", "педагог ещё не согласовал ИОМ"),
    ("iom.waiver_document", "укажите документ, по которому пункт перезачтён"),
    (
        "iom.outcome_value",
        "исход «{value}»: нужен вид «код компетенции:closed», reduced или remained",
    ),
    ("iom.unknown_deficit", "дефицита «{deficit}» в ИОМ нет"),
    ("iom.same_outcome", "этот исход дефицита «{deficit}» уже записан"),
    ("iom.open_items", "не зачтены обязательные пункты: {items}"),
    ("iom.no_outcome", "нет исхода по дефицитам: {deficits}"),
    (
        "iom.no_follow_up",
        "нет ни повторной диагностики после утверждения, ни письменного заключения",
    ),
    ("iom.close_reason", "причина прекращения — одна из: {known}"),
    ("iom.other_in_work", "у педагога уже есть другой ИОМ в работе"),
    ("iom.never_approved", "ИОМ не был утверждён: составьте новый"),
    ("iom.own_supporter", "«{login}» — учётная запись самого педагога"),
    (
        "iom.not_supporter",
        "у «{login}» нет роли сопровождающего над организацией педагога",
    ),
    (
        "iom.superior",
        "«{login}» — руководитель педагога: сопровождать его ИОМ не может",
    ),
    ("iom.already_assigned", "«{login}» уже назначен: {kind}"),
    // enrolment
    (
        "enrolment.no_programme",
        "у пункта {item} нет программы: заявка не нужна",
    ),
    (
        "enrolment.item_settled",
        "пункт {item} в состоянии «{state}»: заявка не нужна",
    ),
    ("enrolment.none", "заявки по программе пункта {item} нет"),
    ("enrolment.stands", "заявка на эту программу уже есть: {state}"),
    (
        "enrolment.wrong_state",
        "заявка в состоянии «{state}»: «{act}» невозможно",
    ),
    ("enrolment.number_needed", "укажите номер документа о квалификации"),
    // indicators
    ("indicators.pack_wrong", "пакет не принят:\n{problems}"),
    (
        "indicators.no_period",
        "«{period}» не подходит: пакету нужен {kind}, например 2022/23 (учебный) или 2023 (календарный)",
    ),
];

/// The sentence of a refusal with its gaps filled.
#[must_use]
pub fn sentence(refusal: &Refusal) -> String {
    let text = TABLE
        .iter()
        .find(|(code, _)| *code == refusal.code)
        .map_or(refusal.code, |(_, text)| *text);
    refusal.values.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}
