//! `serve`: the pages of the installation.

use std::net::SocketAddr;

use super::Outcome;
use super::output::say;
use crate::config::Config;
use crate::error::Error;
use crate::server::Application;

/// Listens and serves until a signal.
pub async fn run(config: Config, listen: SocketAddr) -> Result<Outcome, Error> {
    let application = Application::build(config, listen).await?;
    say!("Веха открыта: http://{}/", application.address())?;
    application.run_until_stopped().await?;
    Ok(Outcome::Done)
}
