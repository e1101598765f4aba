//! The server, built from its sitemap; `main` and the tests build it alike.

mod door;
mod frame;
mod menu;
mod morning;
mod plain;
mod refusals;
mod sitemap;
mod typed;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{App as Site_, HttpRequest, HttpServer, guard, middleware, web};

use crate::app::App;
use crate::audit;
use crate::config::Config;
use crate::db::{Backend, settings, statistics};
use crate::desk;
use crate::error::Error;
use crate::mail;
use crate::pages::Pages;
use crate::web::Site;
use crate::web::heavy::Heavy;
use crate::web::long::Long;
use crate::web::quiet::Quiet;
use crate::web::registry::Capability::Public;
use crate::web::registry::Method::Get;
use crate::web::registry::{Entry, Method};

pub use sitemap::SITEMAP;

/// Answers what is not in the sitemap: by the same door, so that the answer is the same to the byte.
static ELSEWHERE: Entry = Entry::new(Get, "", "", Public, plain::nothing).without_form();

/// How long the letter on its way may take when the server stops.
const LETTER_ENDS: Duration = Duration::from_secs(10);

/// A server that listens.
pub struct Application {
    server: Server,
    address: SocketAddr,
    site: Arc<Site>,
}

impl Application {
    /// Opens the installation and listens. SQLite is brought up to the schema of the program; PostgreSQL with an older
    /// schema is refused, since other processes may be at work on it. A demo region listens on loopback only.
    ///
    /// # Errors
    /// A database that cannot be used, a demo that should be open to the network, an address that is taken.
    pub async fn build(mut config: Config, listen: SocketAddr) -> Result<Self, Error> {
        config.statement_timeout_ms = config.statement_timeout_ms.min(30_000);
        config.pool_wait_s = 2;
        let migrate = matches!(config.backend, Backend::Sqlite(_));
        let app = App::open(config, migrate).await?;
        let demo = app
            .db
            .read(|c| settings::get(c, "demo").map_err(Error::from))
            .await?
            .is_some();
        if demo && !listen.ip().is_loopback() {
            return Err(Error::Invalid(
                "демонстрационная установка слушает только свой компьютер: 127.0.0.1".into(),
            ));
        }
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let listener = TcpListener::bind(listen)
            .map_err(|e| Error::Invalid(format!("адрес {listen} занят или недоступен: {e}")))?;
        let address = listener.local_addr()?;
        let told = app.config.public_url.clone();
        let site = Arc::new(Site {
            address: told.or_else(|| demo.then(|| format!("http://{address}"))),
            app,
            pages: Pages::load()?,
            hashing: Heavy::start(cores)?,
            #[cfg(feature = "pdf")]
            papers: Heavy::start(1)?,
            long: Long::default(),
            quiet: Quiet::default(),
            demo,
            work: tokio::sync::Notify::new(),
            releases: tokio::sync::Notify::new(),
            entries: SITEMAP,
        });
        let server = serve(listener, site.clone(), cores)?;
        Ok(Self { server, address, site })
    }

    /// Where it listens: the port that the system chose, when 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until a signal; seals the journal meanwhile and at the end.
    ///
    /// # Errors
    /// Those of the network.
    pub async fn run_until_stopped(self) -> Result<(), Error> {
        let app = self.site.app.clone();
        let sealing = tokio::spawn(audit::sealer::run(app));
        let looking = tokio::spawn(statistics::run(self.site.app.db.clone()));
        let working = tokio::spawn(desk::upload::work::run(self.site.clone()));
        let releasing = tokio::spawn(desk::editions::work::run(self.site.clone()));
        // A demo region stays as it was made.
        let morning = (!self.site.demo).then(|| tokio::spawn(morning::run(self.site.app.clone())));
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let delivering = self.delivering(stopped);
        let ended = self.server.await;
        working.abort();
        releasing.abort();
        looking.abort();
        if let Some(morning) = morning {
            morning.abort();
        }
        let _nobody_delivers = stop.send(true);
        if let Some(mut delivering) = delivering {
            // The letter on its way is ended; one that takes longer waits for the end of its lease.
            if tokio::time::timeout(LETTER_ENDS, &mut delivering).await.is_err() {
                delivering.abort();
            }
        }
        sealing.abort();
        self.site.app.seal().await?;
        ended.map_err(Error::from)
    }

    /// Letters go out in the background, where mail is set up; never from a demo region.
    fn delivering(&self, stopped: tokio::sync::watch::Receiver<bool>) -> Option<tokio::task::JoinHandle<()>> {
        let app = self.site.app.clone();
        let settings = app.config.mail.filter(|_| !self.site.demo)?;
        Some(tokio::spawn(mail::deliver::run(app.db, settings, app.clock, stopped)))
    }
}

fn serve(listener: TcpListener, site: Arc<Site>, cores: usize) -> Result<Server, Error> {
    let make = move || {
        let mut app = Site_::new()
            .app_data(web::Data::from(site.clone()))
            .wrap(middleware::Compress::default());
        let mut paths: Vec<&'static str> = Vec::new();
        for entry in site.entries {
            if !paths.contains(&entry.path) {
                paths.push(entry.path);
            }
        }
        for path in paths {
            let mut resource = web::resource(path).default_service(to(&ELSEWHERE));
            for entry in site.entries.iter().filter(|e| e.path == path) {
                // A page that is asked for its headers alone answers as it would answer whole.
                resource = resource.route(match entry.method {
                    Method::Get => to(entry).guard(guard::Any(guard::Get()).or(guard::Head())),
                    Method::Post => to(entry).guard(guard::Post()),
                });
            }
            app = app.service(resource);
        }
        app.default_service(to(&ELSEWHERE))
    };
    Ok(HttpServer::new(make)
        .workers(cores)
        .worker_max_blocking_threads(16)
        .max_connections(4_096)
        .client_request_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(15))
        // A page goes out in several parts; held back until the first is acknowledged, the last would come 40 ms late.
        .tcp_nodelay(true)
        .shutdown_timeout(10)
        .listen(listener)?
        .run())
}

fn to(entry: &'static Entry) -> actix_web::Route {
    web::route().to(move |site: web::Data<Site>, request: HttpRequest, body: web::Payload| {
        door::enter(entry, site.into_inner(), request, body)
    })
}
