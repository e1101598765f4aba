//! A letter as it travels: headers and text, the same to the byte at every attempt.

use std::time::SystemTime;

use lettre::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::message::{Mailbox, Message};

use super::claim::Claimed;
use super::{address, link, texts};
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
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    let message = Message::builder()
        .from(settings.from.clone())
        .to(Mailbox::new(None, to.clone()))
        .subject(text.subject)
        .date(SystemTime::from(letter.written_at.and_utc()))
        .message_id(Some(format!("<{}>", letter.message_id)))
        .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
        .header(MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN)
        .body(text.body)
        .map_err(|_| "письмо не составляется")?;
    Ok(Ready {
        from: settings.from.email.clone(),
        to,
        bytes: message.formatted(),
    })
}
