//! A letter as it travels: headers and the same words twice, as text and as a page; the same to the byte at every attempt.

use std::time::SystemTime;

use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};

use super::claim::Claimed;
use super::{address, choice, html, link, texts, unsubscribe};
use crate::config::MailSettings;

/// A letter with its envelope.
#[derive(Debug)]
pub struct Ready {
    /// Who is told when it cannot be delivered.
    pub from: Address,
    /// The only receiver.
    pub to: Address,
    /// Headers and text.
    pub bytes: Vec<u8>,
}

/// Writes a letter.
///
/// # Errors
/// Why it can never go: an address that is none, a kind without words.
pub fn ready(letter: &Claimed, settings: &MailSettings) -> Result<Ready, String> {
    let to = letter.address.as_deref().and_then(address::parse);
    let to = to.ok_or("адрес записан неверно")?;
    let link = match &letter.link {
        None => None,
        Some(Some(link)) => {
            let key = &settings.link_key.0;
            let token = link::token(
                key,
                link.id,
                &link.kind,
                letter.account,
                letter.address.as_deref().unwrap_or(""),
            );
            Some(link::address(&settings.public_url, &token))
        }
        Some(None) => return Err("ссылка в письме больше не действует".into()),
    };
    let text = texts::text_with(&letter.kind, &letter.values, &settings.public_url, link.as_deref());
    let text = text.ok_or("для писем этого вида нет текста")?;
    let ending = choice::ended_by(&letter.kind).map(|code| {
        let to = letter.address.as_deref().unwrap_or("");
        let token = unsubscribe::token(&settings.link_key.0, letter.id, letter.account, code, to);
        unsubscribe::address(&settings.public_url, &token)
    });
    let words = format!(
        "{}\n\n{}\n",
        text.body.trim_end(),
        last_words(ending.as_deref(), settings)
    );
    let page = html::of(&text.subject, &words, &settings.public_url);
    let header = |name, value: String| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
    let mut message = Message::builder()
        .from(settings.from.clone())
        .to(Mailbox::new(None, to.clone()))
        .subject(text.subject)
        .date(SystemTime::from(letter.written_at.and_utc()))
        .message_id(Some(format!("<{}>", letter.message_id)))
        .raw_header(header("Auto-Submitted", "auto-generated".to_owned()));
    if let Some(ending) = &ending {
        message = message
            .raw_header(header("List-Unsubscribe", format!("<{ending}>")))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
    // The line between the parts is the letter's own, so that a repeat is the same to the byte.
    let parts = MultiPart::alternative()
        .boundary(format!("vekha-{}", letter.id))
        .singlepart(SinglePart::plain(words))
        .singlepart(SinglePart::html(page));
    let message = message.multipart(parts).map_err(|_| "письмо не составляется")?;
    Ok(Ready {
        from: settings.from.email.clone(),
        to,
        bytes: message.formatted(),
    })
}

/// How to end such letters, or why they cannot be ended.
fn last_words(ending: Option<&str>, settings: &MailSettings) -> String {
    match ending {
        Some(ending) => format!(
            "Больше не присылать такие письма: {ending}\nВыбрать, какие письма и как часто: {}/notices/choice",
            settings.public_url
        ),
        None => {
            "Это служебное письмо о вашей учётной записи: оно защищает её, поэтому отключить его нельзя.".to_owned()
        }
    }
}
