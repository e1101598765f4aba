//! The way to the mail server: one connection, one letter after the other. What is said of a failure names the stage and
//! the code, never the words of the server: they may hold addresses.

use std::future::Future;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters, TlsParametersBuilder};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;

use super::claim::Outcome;
use super::message::Ready;
use crate::config::{MailSettings, Security};

/// Letters in a row that the server took and did not answer: then it is not the letters.
const UNANSWERED: u32 = 3;

/// The connection, opened when the first letter needs it.
pub struct Line<'a> {
    settings: &'a MailSettings,
    open: Option<AsyncSmtpConnection>,
    unanswered: u32,
}

/// Why a step of the conversation did not succeed.
enum Problem {
    /// The server answered with a code that is no success.
    Code(u16),
    /// No answer in time.
    Silent,
    /// The connection broke, or what came is no SMTP.
    Broken,
}

impl Problem {
    fn of(e: &lettre::transport::smtp::Error) -> Self {
        match e.status() {
            Some(code) => Self::Code(code.into()),
            None if e.is_timeout() => Self::Silent,
            None => Self::Broken,
        }
    }

    fn said(&self) -> String {
        match self {
            Self::Code(code) => format!("код {code}"),
            Self::Silent => "нет ответа вовремя".into(),
            Self::Broken => "связь прервалась".into(),
        }
    }
}

/// Codes that speak of the server or of our account on it, at whatever stage they come.
fn is_of_the_server(code: u16) -> bool {
    matches!(code, 421 | 454 | 530 | 534 | 535 | 538)
}

async fn within<T>(
    patience: Duration,
    step: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
) -> Result<T, Problem> {
    match tokio::time::timeout(patience, step).await {
        Ok(done) => done.map_err(|e| Problem::of(&e)),
        Err(_) => Err(Problem::Silent),
    }
}

impl<'a> Line<'a> {
    /// A line that is not open yet.
    #[must_use]
    pub fn new(settings: &'a MailSettings) -> Self {
        let (open, unanswered) = (None, 0);
        Self {
            settings,
            open,
            unanswered,
        }
    }

    /// Sends one letter.
    pub async fn send(&mut self, letter: &Ready) -> Outcome {
        let outcome = match self.ready_for(letter).await {
            Ok(mut open) => {
                let (outcome, usable) = self.hand_over(&mut open, letter).await;
                if usable {
                    self.open = Some(open);
                }
                outcome
            }
            Err(why) => Outcome::Outage(why),
        };
        if self.unanswered < UNANSWERED {
            return outcome;
        }
        self.unanswered = 0;
        Outcome::Outage("сервер принимает письма и не отвечает".into())
    }

    /// A connection on which the sender was accepted. One that was open may have been closed by the server meanwhile.
    async fn ready_for(&mut self, letter: &Ready) -> Result<AsyncSmtpConnection, String> {
        let patience = self.settings.patience;
        let mail = || Mail::new(Some(letter.from.clone()), Vec::new());
        if let Some(mut open) = self.open.take()
            && within(patience, open.command(mail())).await.is_ok()
        {
            return Ok(open);
        }
        let mut open = self.connect().await?;
        within(patience, open.command(mail()))
            .await
            .map_err(|problem| format!("отправитель не принят: {}", problem.said()))?;
        Ok(open)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, String> {
        let s = self.settings;
        let hello = s
            .own_name()
            .map_or_else(ClientId::default, |name| ClientId::Domain(name.to_owned()));
        let tls = match s.security {
            Security::None => None,
            Security::Tls | Security::StartTls => Some(self.tls()?),
        };
        let at_once = (s.security == Security::Tls).then(|| tls.clone()).flatten();
        let place = (s.host.as_str(), s.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(place, Some(s.patience), &hello, at_once, None);
        // The answers to TLS and EHLO stand within this step too.
        let mut open = within(s.patience * 2, connecting)
            .await
            .map_err(|problem| format!("нет соединения с почтовым сервером: {}", problem.said()))?;
        if s.security == Security::StartTls
            && let Some(tls) = tls
        {
            within(s.patience, open.starttls(tls, &hello))
                .await
                .map_err(|problem| format!("сервер не начал шифрование: {}", problem.said()))?;
        }
        if let Some((user, password)) = &s.user {
            let who = Credentials::new(user.clone(), password.expose().to_owned());
            within(s.patience, open.auth(&[Mechanism::Plain, Mechanism::Login], &who))
                .await
                .map_err(|problem| format!("вход на почтовый сервер не удался: {}", problem.said()))?;
        }
        Ok(open)
    }

    fn tls(&self) -> Result<TlsParameters, String> {
        let wrong = |_| "сертификаты для почты не читаются".to_owned();
        let mut tls = TlsParametersBuilder::new(self.settings.host.clone());
        if let Some(pem) = &self.settings.authority {
            tls = tls.add_root_certificate(Certificate::from_pem(pem).map_err(wrong)?);
        }
        tls.build().map_err(wrong)
    }

    /// Receiver and text; says too whether the connection may be used again.
    async fn hand_over(&mut self, open: &mut AsyncSmtpConnection, letter: &Ready) -> (Outcome, bool) {
        let patience = self.settings.patience;
        let to = Rcpt::new(letter.to.clone(), Vec::new());
        if let Err(problem) = within(patience, open.command(to)).await {
            let said = format!("адрес не принят: {}", problem.said());
            return self.refused(open, problem, said, Outcome::Dead).await;
        }
        if let Err(problem) = within(patience, open.command(Data)).await {
            let said = format!("письмо не принято: {}", problem.said());
            return self.refused(open, problem, said, Outcome::Refused).await;
        }
        match within(patience, open.message(&letter.bytes)).await {
            Ok(_) => {
                self.unanswered = 0;
                (Outcome::Sent, true)
            }
            Err(problem) => {
                let said = format!("письмо не принято: {}", problem.said());
                self.refused(open, problem, said, Outcome::Refused).await
            }
        }
    }

    /// What a refusal means for the letter; `for_good` is what a final one makes of it.
    async fn refused(
        &mut self,
        open: &mut AsyncSmtpConnection,
        problem: Problem,
        said: String,
        for_good: fn(String) -> Outcome,
    ) -> (Outcome, bool) {
        let Problem::Code(code) = problem else {
            // Whether the server took it is not known: it goes again under the same name.
            self.unanswered += 1;
            return (Outcome::Later(said), false);
        };
        self.unanswered = 0;
        if is_of_the_server(code) {
            return (Outcome::Outage(said), false);
        }
        let reset: Result<Response, Problem> = within(self.settings.patience, open.command(Rset)).await;
        let outcome = if code >= 500 {
            for_good(said)
        } else {
            Outcome::Later(said)
        };
        (outcome, reset.is_ok())
    }

    /// Says goodbye; a server that is gone needs none.
    pub async fn close(mut self) {
        if let Some(mut open) = self.open.take() {
            let _gone = within(self.settings.patience, open.quit()).await;
        }
    }
}
