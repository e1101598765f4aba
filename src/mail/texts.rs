//! What letters say: one folder of `templates/mail` for each kind, part of the program. Gaps are written `{{name}}`.

use serde_json::Value;

/// A letter in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The subject, one line.
    pub subject: String,
    /// The body, plain text.
    pub body: String,
}

macro_rules! texts {
    ($($kind:literal),+ $(,)?) => {
        &[$((
            $kind,
            include_str!(concat!("../../templates/mail/", $kind, "/subject.txt")),
            include_str!(concat!("../../templates/mail/", $kind, "/body.txt")),
        )),+]
    };
}

/// Kind, subject, body.
const TEXTS: &[(&str, &str, &str)] = texts![
    "iom_sent",
    "iom_submitted",
    "iom_item_returned",
    "iom_changed",
    "iom_application_ended",
    "iom_progress",
    "iom_progress_support",
    "procedure_invited",
    "procedure_called_off",
    "iom_assigned",
    "iom_to_approve",
    "iom_came_back",
    "iom_unaccompanied",
    "supporters_handed",
    "supporters_assigned",
    "supporters_passed",
    "iom_due",
    "calendar_due",
    "calendar_settled",
    "iom_settled",
    "notice_digest",
    "access_invitation",
    "access_reset",
    "access_address",
    "access_address_asked",
    "access_address_changed",
    "access_password_changed",
    "access_second_changed",
    "access_delegation",
    "access_delegation_ended",
    "access_bulk_export",
    "access_roles",
    "indicator_reminder",
    "indicator_told",
    "edition_opened",
    "access_signed_out",
    "report_reminder",
    "report_asked",
    "report_returned",
];

/// What a letter is about, for lists that show nothing else of it.
#[must_use]
pub fn named(kind: &str) -> &'static str {
    match kind {
        "iom_sent" => "Маршрут ждёт согласия педагога",
        "iom_submitted" => "Шаг ждёт проверки",
        "iom_item_returned" => "Шаг возвращён",
        "iom_changed" => "Маршрут изменён",
        "iom_assigned" => "Поручено сопровождение",
        "iom_to_approve" => "Маршрут ждёт утверждения директора",
        "iom_came_back" => "Маршрут вернулся на доработку",
        "iom_unaccompanied" => "Шаг некому проверить",
        "supporters_handed" => "Переданы маршруты",
        "supporters_assigned" => "Поручены маршруты",
        "supporters_passed" => "Маршруты переданы другому",
        "iom_application_ended" => "Заявка отозвана вместе с шагом",
        "iom_progress" => "Новое в маршруте",
        "iom_progress_support" => "Новое в маршруте педагога",
        "procedure_invited" => "Приглашение на диагностику",
        "procedure_called_off" => "Диагностика отменена",
        "iom_due" => "Срок шага",
        "calendar_due" => "Срок дела календаря",
        "calendar_settled" => "Дело календаря сделано",
        "iom_settled" => "Вопрос закрыт",
        "notice_digest" => "Сводка уведомлений",
        "access_invitation" => "Приглашение",
        "access_reset" => "Ссылка для нового пароля",
        "access_address" => "Ссылка для нового адреса почты",
        "access_address_asked" => "Запрошена смена адреса почты",
        "access_address_changed" => "Адрес почты изменён",
        "access_password_changed" => "Пароль изменён",
        "access_second_changed" => "Изменён второй шаг входа",
        "access_delegation" => "Поручено замещение",
        "access_delegation_ended" => "Замещение завершено",
        "access_roles" => "Изменены роли",
        "indicator_reminder" => "Напоминание ближайшим к цели",
        "indicator_told" => "Сообщение руководителю о показателе",
        "edition_opened" => "Опубликованы показатели",
        "report_reminder" => "Напоминание об отчёте",
        "report_asked" => "Начат сбор отчётов",
        "report_returned" => "Отчёт возвращён",
        "access_signed_out" => "Закрыты входы",
        "access_bulk_export" => "Скачан большой список людей",
        _ => "Другое письмо",
    }
}

/// The longest value in a text, characters.
const LONGEST: usize = 200;

/// The text of a letter; `None` for an unknown kind. `values` is the JSON object the letter was queued with, `base` what
/// links begin with.
#[must_use]
pub fn text(kind: &str, values: &str, base: &str) -> Option<Text> {
    text_with(kind, values, base, None)
}

/// The same with the one-time link of the letter, which is in no values.
#[must_use]
pub fn text_with(kind: &str, values: &str, base: &str, link: Option<&str>) -> Option<Text> {
    let (_, subject, body) = TEXTS.iter().find(|(known, ..)| *known == kind)?;
    let values: Value = serde_json::from_str(values).unwrap_or_default();
    Some(Text {
        subject: filled(subject.trim_end(), &values, base, None),
        body: filled(body, &values, base, link),
    })
}

/// A template with its gaps filled; what has no value leaves an empty place.
fn filled(template: &str, values: &Value, base: &str, link: Option<&str>) -> String {
    let mut parts = template.split("{{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or(("", part));
        match values.get(name) {
            _ if name == "base" => out.push_str(base),
            _ if name == "link" => out.push_str(link.unwrap_or("(ссылка видна только в письме)")),
            Some(Value::String(text)) => out.push_str(&plain(text)),
            Some(Value::Number(number)) => out.push_str(&number.to_string()),
            Some(Value::Array(lines)) => out.push_str(&listed(lines, base)),
            _ => {}
        }
        out.push_str(rest);
    }
    out
}

/// Lines of a list, each with its address below it.
fn listed(lines: &[Value], base: &str) -> String {
    let part = |line: &Value, n: usize| plain(line.get(n).and_then(Value::as_str).unwrap_or_default());
    let line = |line: &Value| format!("— {}\n  {base}{}", part(line, 0), part(line, 1));
    lines.iter().map(line).collect::<Vec<_>>().join("\n\n")
}

/// A value as it may stand in a line: nothing that ends the line, is not seen, or turns the text around.
fn plain(text: &str) -> String {
    let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{061c}');
    let mut out = String::new();
    for (n, c) in text.chars().filter(|c| !hidden(*c)).enumerate() {
        if n == LONGEST {
            out.push('…');
            break;
        }
        let breaks = c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        // A value that looks encoded would be decoded by the reader's program, whatever it hides.
        if c == '?' && out.ends_with('=') {
            out.push(' ');
        }
        out.push(if breaks { ' ' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_is_full_and_breaks_no_header() {
        for (kind, ..) in TEXTS {
            let full = text(
                kind,
                r#"{"number": "ИОМ-1\nBcc: x", "item": 4}"#,
                "https://veha.example",
            )
            .unwrap();
            let names_it = full.subject.contains("ИОМ-1 Bcc: x") && full.body.contains("ИОМ-1");
            assert_eq!(names_it, kind.starts_with("iom_"), "{kind}");
            assert!(
                !full.subject.contains(['\n', '{', '}']) && !full.body.contains(['{', '}']),
                "{kind}"
            );
            assert_ne!(named(kind), "Другое письмо", "{kind}");
            assert!(full.body.lines().all(|line| line.chars().count() <= 120), "{kind}");
            assert!(full.body.contains("https://veha.example/"), "{kind}: says where to go");
            assert!(text(kind, "", "").is_some(), "{kind}: an empty letter still reads");
        }
        assert_eq!(text("unknown", "{}", ""), None);
    }

    #[test]
    fn a_value_stays_in_its_line() {
        assert_eq!(plain("а\r\nBcc: x\0\u{2028}"), "а  Bcc: x  ");
        assert_eq!(plain("1\u{202e}2\u{2066}3\u{200b}4"), "1234");
        assert_eq!(plain("=?utf-8?Q?=0D=0ABcc:_x?="), "= ?utf-8?Q?=0D=0ABcc:_x?=");
        assert_eq!(plain(&"я".repeat(1 << 20)).chars().count(), LONGEST + 1);
    }
}
