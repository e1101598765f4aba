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
