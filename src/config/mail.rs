//! Settings of outgoing mail: the server, the sender, and the address of the pages that links begin with.

use std::path::Path;
use std::time::Duration;

use lettre::message::Mailbox;

/// A value that is never printed.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The first line of a file.
    ///
    /// # Errors
    /// A file that does not read.
    pub fn read(file: &Path) -> std::io::Result<Self> {
        let text = std::fs::read_to_string(file)?;
        Ok(Self(text.lines().next().unwrap_or_default().to_owned()))
    }

    /// The value itself, for the one place that uses it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// The key that one-time links are made with at sending; never printed.
#[derive(Clone, Default)]
pub struct LinkKey(pub Vec<u8>);

impl std::fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// How the way to the server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// Plain at first, then TLS; a server that does not offer it gets nothing.
    StartTls,
    /// None: a server on this machine or in a closed network.
    None,
}

/// What is given by the environment; nothing of it is required until mail is to be sent.
#[derive(Debug, Clone, Default)]
pub struct MailOptions {
    /// `smtps://`, `smtp://` or `smtp+plain://`, then `[user@]host[:port]`.
    pub server: Option<String>,
    /// File with the password of the user.
    pub password_file: Option<std::path::PathBuf>,
    /// Sender: an address, or a name and an address in angle brackets.
    pub from: Option<String>,
    /// Where the pages are, as receivers reach them.
    pub public_url: Option<String>,
    /// Certificates that are trusted beside those of the system, PEM.
    pub authority_file: Option<std::path::PathBuf>,
    /// How long one answer of the server is waited for, seconds.
    pub patience_s: u32,
}

impl MailOptions {
    /// Where the pages are, if that was given.
    ///
    /// # Errors
    /// It is no address.
    pub fn pages(&self) -> Result<Option<String>, String> {
        self.public_url.as_deref().map(public_url_of).transpose()
    }
}

/// Mail as it is set up.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// Name or address of the server.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the way there is kept private.
    pub security: Security,
    /// User of the server, with the password.
    pub user: Option<(String, Secret)>,
    /// Sender.
    pub from: Mailbox,
    /// What links begin with, without a slash at the end.
    pub public_url: String,
    /// Certificates that are trusted beside those of the system, PEM.
    pub authority: Option<Vec<u8>>,
    /// How long one answer of the server is waited for.
    pub patience: Duration,
    /// What links are made with; put in when the keys are read.
    pub link_key: LinkKey,
}

impl MailSettings {
    /// Reads the settings; `None` when no server is named, so that letters wait.
    ///
    /// # Errors
    /// What is missing or wrong, in one Russian sentence; never a password.
    pub fn of(options: &MailOptions) -> Result<Option<Self>, String> {
        let Some(server) = &options.server else {
            return Ok(None);
        };
        let (user, host, port, security) = server_of(server)?;
        let password = match &options.password_file {
            Some(file) => Some(Secret::read(file).map_err(|e| format!("файл с паролем почты не читается: {e}"))?),
            None => None,
        };
        let user = match (user, password) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            (Some(_), None) => {
                return Err("для пользователя почты нужен файл с паролем: VEKHA_SMTP_PASSWORD_FILE".into());
            }
            (None, Some(_)) => return Err("пароль почты задан, а пользователя в VEKHA_SMTP_URL нет".into()),
        };
        let own_machine = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if user.is_some() && security == Security::None && !own_machine {
            return Err("smtp+plain:// с паролем годится только для сервера на этом же компьютере".into());
        }
        let from = options.from.as_deref().ok_or("укажите отправителя: VEKHA_MAIL_FROM")?;
        let from: Mailbox = from
            .parse()
            .map_err(|_| "VEKHA_MAIL_FROM: нужен адрес или «Имя <адрес>»".to_owned())?;
        let public_url = options
            .public_url
            .as_deref()
            .ok_or("укажите адрес страниц для ссылок: VEKHA_PUBLIC_URL")?;
        let authority = match &options.authority_file {
            Some(file) => Some(std::fs::read(file).map_err(|e| format!("файл сертификатов почты не читается: {e}"))?),
            None => None,
        };
        Ok(Some(Self {
            host,
            port,
            security,
            user,
            from,
            public_url: public_url_of(public_url)?,
            authority,
            patience: Duration::from_secs(u64::from(options.patience_s.clamp(1, 300))),
            link_key: LinkKey::default(),
        }))
    }

    /// The name to greet the server with: that of the pages.
    #[must_use]
    pub fn own_name(&self) -> Option<&str> {
        let (_, place) = self.public_url.split_once("://")?;
        let name = place.split(['/', ':']).next()?;
        name.contains(|c: char| c.is_ascii_alphabetic()).then_some(name)
    }

    /// The server without the user, for people.
    #[must_use]
    pub fn print(&self) -> String {
        let how = match self.security {
            Security::Tls => "TLS",
            Security::StartTls => "STARTTLS",
            Security::None => "без шифрования",
        };
        format!("{}:{}, {how}", self.host, self.port)
    }
}

type Server = (Option<String>, String, u16, Security);

/// `scheme://[user@]host[:port]`; the user may itself be a mail address.
fn server_of(text: &str) -> Result<Server, String> {
    let wrong =
        || "VEKHA_SMTP_URL: нужно smtps://, smtp:// или smtp+plain://, затем [пользователь@]сервер[:порт]".to_owned();
    let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
    let (security, standard) = match scheme {
        "smtps" => (Security::Tls, 465),
        "smtp" => (Security::StartTls, 587),
        "smtp+plain" => (Security::None, 25),
        _ => return Err(wrong()),
    };
    let (user, place) = match rest.trim_end_matches('/').rsplit_once('@') {
        Some((user, _)) if user.contains(':') => {
            return Err("пароль почты не пишут в адрес: положите его в файл VEKHA_SMTP_PASSWORD_FILE".into());
        }
        Some((user, place)) => (Some(user.to_owned()), place),
        None => (None, rest.trim_end_matches('/')),
    };
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port.parse().map_err(|_| wrong())?),
        _ => (place, standard),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '_');
    if host.is_empty() || !host.chars().all(fits) {
        return Err(wrong());
    }
    Ok((user, host.to_owned(), port, security))
}

fn public_url_of(text: &str) -> Result<String, String> {
    let place = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '/' | '_' | '[' | ']');
    match place {
        Some(place) if !place.is_empty() && place.chars().all(fits) => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err("VEKHA_PUBLIC_URL: нужен адрес страниц, например https://veha.example.ru".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_read_and_a_password_in_it_is_refused() {
        let place = |text| server_of(text).map(|(user, host, port, _)| (user.unwrap_or_default(), host, port));
        assert_eq!(
            place("smtp://mail.example"),
            Ok((String::new(), "mail.example".into(), 587))
        );
        assert_eq!(
            place("smtps://no-reply@region.example@mail.example:466/"),
            Ok(("no-reply@region.example".into(), "mail.example".into(), 466))
        );
        assert_eq!(
            place("smtp+plain://[::1]:1025"),
            Ok((String::new(), "::1".into(), 1025))
        );
        for wrong in [
            "mail.example",
            "http://mail.example",
            "smtp://",
            "smtp://h:x",
            "smtp://h\r\nx",
        ] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
        let told = place("smtp://user:тайна@mail.example").unwrap_err();
        assert!(
            told.contains("VEKHA_SMTP_PASSWORD_FILE") && !told.contains("тайна"),
            "{told}"
        );
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret("тайна".into())), "***");
    }
}
