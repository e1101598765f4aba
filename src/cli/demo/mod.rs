//! `demo`: a region made from published figures, for looking around and for the tests.
//!
//! The files are written and loaded, the plans drafted and the acts applied by the same use cases as everyone's. The
//! database carries a mark that other data never get.

mod accounts;
mod actives;
mod composed;
mod cycle;
mod dice;
mod drafted;
mod editions;
mod examination;
mod figures;
mod own;
mod people;
mod practice;
mod put_forward;
mod registers;
mod reported;
mod reports;
mod sheets;
mod story;
mod surveys;
mod templates;
mod this_year;
mod tools;
mod undertakings;
mod vacancies;
mod year;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use chrono::{NaiveDate, TimeDelta};
use clap::Args;

use super::Outcome;
use super::output::say;
use crate::access::{self, Role, add, delegation, hashing};
use crate::activity::import_activities::ActivitiesFile;
use crate::activity::import_bodies::BodiesFile;
use crate::activity::import_events::EventsFile;
use crate::activity::import_members::MembersFile;
use crate::activity::import_mentors::MentorsFile;
use crate::activity::import_pairs::PairsFile;
use crate::activity::import_publications::PublicationsFile;
use crate::activity::import_undertakings::UndertakingsFile;
use crate::app::App;
use crate::audit::reads;
use crate::catalogue::import::ProgrammesFile;
use crate::competence::import::CompetencesFile;
use crate::config::Config;
use crate::db::{AnyConn, Backend, DbError, settings};
use crate::diagnostics::import::ResultsFile;
use crate::diagnostics::import_procedures::ProceduresFile;
use crate::error::{Error, Refusal};
use crate::exchange::import::{Request, run as load};
use crate::exchange::{By, Mode, Table};
use crate::flow::reminding;
use crate::iom::accompany::Accompanying;
use crate::iom::paper::signer::{self, SignerPlace};
use crate::iom::{IomOrigin, SupporterKind, Within, acts, capacity, drafting, mark_sheet};
use crate::mail::notice;
use crate::people::import::StaffFile;
use crate::people::import_vacancies::VacanciesFile;
use crate::units::UnitKind;
use crate::units::import::UnitsFile;
use crate::{flow, indicators, people as staff, units};
use figures::{Municipality, YEARS, Year};
use people::{Population, day};
use this_year::ThisYear;

/// The setting that marks a demo database; nothing else sets it, and it is set on an empty database only.
const MARK: &str = "demo";

/// What `demo` takes.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Только создать данные, страницы не открывать.
    #[arg(long)]
    no_serve: bool,
    /// Сколько примерно педагогов в год; по умолчанию — как опубликовано.
    #[arg(long)]
    people: Option<usize>,
    /// Создать заново поверх прежней пробной базы.
    #[arg(long)]
    force: bool,
}

/// Makes the demo region and prints how to sign in.
///
/// # Errors
/// A folder that holds other data, or an earlier demo without `--force`.
pub async fn run(config: Config, args: DemoArgs) -> Result<Outcome, Error> {
    let app = empty(config.clone(), args.force).await?;
    let municipalities = figures::municipalities(args.people)?;
    let population = people::invent(&municipalities)?;
    let this_year = this_year::cast(app.clock.today(), &municipalities, &population);
    let folder = app.config.data.join("files").join("demo");
    std::fs::create_dir_all(&folder)?;
    let demo = Demo {
        app: &app,
        municipalities,
        population,
        this_year,
        folder,
    };
    demo.load_region().await?;
    demo.add_accounts().await?;
    for year in YEARS {
        demo.live_through(year).await?;
    }
    // What past years told everybody is known; the list of each begins with this year.
    app.db.write(|tx| notice::see_all(tx).map_err(Error::from)).await?;
    demo.live_this_year().await?;
    composed::make(&demo).await?;
    demo.keep_registers().await?;
    demo.report_figures().await?;
    reports::make(&demo).await?;
    examination::make(&demo).await?;
    actives::make(&demo).await?;
    demo.print_sheet().await?;
    demo.fill_the_tutor().await?;
    practice::see(demo.app).await?;
    let [half, whole] = demo.this_year.at_work();
    own::assess(demo.app, half, whole).await?;
    templates::make(demo.app).await?;
    cycle::keep(demo.app).await?;
    tools::describe(demo.app).await?;
    put_forward::make(&demo).await?;
    surveys::ask(demo.app).await?;
    let zone = TimeDelta::hours(app.config.zone_hours.into());
    let _reminded = reminding::remind(&app.db, app.clock.today(), zone).await?;
    demo.name_signers().await?;
    app.seal().await?;
    demo.stand_in().await?;
    demo.keep_sign_ins().await?;
    demo.print_sign_ins(args.no_serve)?;
    if args.no_serve {
        return Ok(Outcome::Done);
    }
    drop(app);
    super::serve::run(config, std::net::SocketAddr::from(([127, 0, 0, 1], 8080))).await
}

/// Opens an empty database and marks it; an earlier demo is removed when asked.
async fn empty(config: Config, force: bool) -> Result<App, Error> {
    let app = App::open(config.clone(), true).await?;
    let (used, marked) = app.db.read(state).await?;
    if used {
        if !(force && marked) {
            let folder = config.data.display();
            return Err(if marked {
                Refusal::new("demo.stands").with("folder", folder).into()
            } else {
                Refusal::new("demo.other_data").with("folder", folder).into()
            });
        }
        drop(app);
        remove(&config)?;
        return Box::pin(empty(config, false)).await;
    }
    let marking: Result<(), Error> = app
        .db
        .write(|tx| settings::put(tx.conn(), MARK, "1").map_err(Error::from))
        .await;
    marking?;
    Ok(app)
}

/// Whether the database holds units, and whether it is a demo.
fn state(conn: &mut AnyConn) -> Result<(bool, bool), DbError> {
    let today = NaiveDate::default();
    let used = !units::store::tree(conn, today, None)?
        .of_kind(UnitKind::Region)
        .is_empty();
    Ok((used, settings::get(conn, MARK)?.is_some()))
}

fn remove(config: &Config) -> Result<(), Error> {
    let Backend::Sqlite(path) = &config.backend else {
        return Err(Refusal::new("demo.server_database").into());
    };
    // What was read of the old region belongs to no other.
    for database in [path.clone(), format!("{path}{}", reads::ENDING)] {
        for tail in ["", "-wal", "-shm"] {
            match std::fs::remove_file(format!("{database}{tail}")) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
                _ => {}
            }
        }
    }
    match std::fs::remove_file(config.data.join("keys").join("audit.head")) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
        _ => Ok(()),
    }
}

struct Demo<'a> {
    app: &'a App,
    municipalities: Vec<Municipality>,
    population: Population,
    this_year: ThisYear,
    folder: PathBuf,
}

impl Demo<'_> {
    /// Writes a file of the demo and loads it as an operator would.
    async fn import<T: Table>(&self, name: &str, text: &str) -> Result<(), Error> {
        let file = self.folder.join(name);
        std::fs::write(&file, text)?;
        let request = Request {
            file,
            mode: Mode::Merge,
            dry_run: false,
            code: None,
            errors: None,
            name: None,
            columns: None,
            by: By::default(),
        };
        let report = load::<T>(&self.app.db, self.app.keys.audit.clone(), request).await?;
        match report.lines().next() {
            None => Ok(()),
            Some(first) => Err(Error::Internal(format!("демо: {name}: {first}"))),
        }
    }

    async fn load_region(&self) -> Result<(), Error> {
        let Population { organisations, humans } = &self.population;
        self.import::<UnitsFile>("units.csv", &sheets::units(&self.municipalities, organisations)?)
            .await?;
        self.import::<StaffFile>(
            "staff.csv",
            &sheets::staff(humans, organisations, self.this_year.today())?,
        )
        .await?;
        self.import::<CompetencesFile>("competences.csv", sheets::COMPETENCES)
            .await?;
        self.import::<ProgrammesFile>("programmes.csv", sheets::PROGRAMMES)
            .await?;
        self.import::<ProceduresFile>("procedures.csv", &sheets::procedures()?)
            .await
    }

    async fn add_accounts(&self) -> Result<(), Error> {
        let hash = hashing::hash_password(accounts::PASSWORD)?;
        let (units, persons) = self.app.db.read(codes).await?;
        let all = accounts::all(
            &self.municipalities,
            &self.population,
            &units,
            &persons,
            &self.this_year,
            &hash,
        )?;
        let key = self.app.keys.audit.clone();
        let second = accounts::second_role(&units)?;
        self.app
            .db
            .write(move |tx| {
                add::add_all(tx, &key, &all)?;
                add::add(tx, &key, &second).map(|_| ())
            })
            .await
    }

    /// The curator of the first district is away for two weeks; the methodist of the district does the work.
    async fn stand_in(&self) -> Result<(), Error> {
        let key = self.app.keys.audit.clone();
        let (away, substitute) = accounts::STANDING_IN;
        self.app
            .db
            .write(move |tx| {
                let today = tx.today();
                let from = access::store::by_login(tx.conn(), away)?;
                let Some((from, region)) = from.and_then(|a| Some((a.id, a.region_id?))) else {
                    return Err(Error::Internal(format!("демо: нет записи {away}")));
                };
                let Some(to) = access::store::by_login(tx.conn(), substitute)? else {
                    return Err(Error::Internal(format!("демо: нет записи {substitute}")));
                };
                let wanted = delegation::Wanted {
                    region,
                    from,
                    to: to.id,
                    role: Role::Curator,
                    works: None,
                    starts_on: today,
                    ends_on: today + chrono::TimeDelta::days(13),
                    reason: "отпуск".into(),
                };
                delegation::add(tx, &key, &wanted).map(|_| ())
            })
            .await
    }

    /// What waits for the tutor, on paper: a sheet that nobody has read back yet.
    async fn print_sheet(&self) -> Result<(), Error> {
        let key = self.app.keys.audit.clone();
        self.app
            .db
            .write(move |tx| {
                let tutor = access::store::by_login(tx.conn(), accounts::TUTOR)?;
                let Some((account, region)) = tutor.and_then(|a| Some((a.id, a.region_id?))) else {
                    return Err(Error::Internal(format!("демо: нет записи {}", accounts::TUTOR)));
                };
                let ask = mark_sheet::Ask {
                    of: Accompanying {
                        region,
                        account,
                        kinds: vec![SupporterKind::Tutor],
                        shut: Vec::new(),
                    },
                    hand: account,
                    on_behalf_of: None,
                };
                match mark_sheet::print(tx, &key, &ask) {
                    // A small demo may have nobody who waits.
                    Err(Error::Refused(_)) | Ok(_) => Ok(()),
                    Err(other) => Err(other),
                }
            })
            .await
    }

    /// The tutor works half of a rate and has room for one plan more: the desk warns of it, and whoever drafts a plan can
    /// still assign it.
    async fn fill_the_tutor(&self) -> Result<(), Error> {
        let key = self.app.keys.audit.clone();
        let zone = chrono::TimeDelta::hours(self.app.config.zone_hours.into());
        self.app
            .db
            .write(move |tx| {
                let tutor = access::store::by_login(tx.conn(), accounts::TUTOR)?;
                let head = access::store::by_login(tx.conn(), "cnppm")?;
                let Some((tutor, head, region)) = tutor.zip(head).and_then(|(t, h)| Some((t.id, h.id, t.region_id?)))
                else {
                    return Err(Error::Internal(format!("демо: нет записи {}", accounts::TUTOR)));
                };
                let today = tx.today();
                let carried = capacity::carried(tx.conn(), &[tutor], today)?;
                let weight = carried.get(&tutor).map_or(0, capacity::weigh);
                let said = capacity::Said {
                    rate_milli: 500,
                    most: Some(i32::try_from(weight.div_ceil(capacity::WHOLE)).unwrap_or(0) + 1),
                };
                let by = access::by::By {
                    account: head.0,
                    on_behalf_of: None,
                    region,
                    key,
                    zone,
                };
                capacity::set(tx, &by, (tutor, Role::Tutor), 0, said)
            })
            .await
    }

    /// Whose names the papers of plans bear: one head after another.
    async fn name_signers(&self) -> Result<(), Error> {
        let key = self.app.keys.audit.clone();
        self.app
            .db
            .write(move |tx| {
                let by = accounts::acting(tx, (&key, TimeDelta::zero()), accounts::HEAD)?;
                let region = by.region;
                for (name, from) in [
                    ("Л. Н. Ремезова", day(2021, 1, 11)),
                    ("К. И. Заозёрный", day(2023, 9, 1)),
                ] {
                    let signers = signer::all(tx.conn(), region)?;
                    let wanted = signer::Wanted {
                        place: SignerPlace::Approves,
                        post: "Руководитель ЦНППМ".into(),
                        name: name.into(),
                        from,
                        seen: signer::latest(&signers, SignerPlace::Approves),
                    };
                    signer::set(tx, &by, &wanted)?;
                }
                Ok(())
            })
            .await
    }

    /// The autumn's results, the drafts, and what people did with them through the year.
    async fn live_through(&self, year: Year) -> Result<(), Error> {
        let cast = year::cast(year, &self.municipalities, &self.population);
        let results = year::results(year, &cast, &self.population)?;
        self.import::<ResultsFile>(&format!("results-{}.csv", year.index + 1), &results)
            .await?;
        let on = if year.index == 0 {
            day(2021, 11, 1)
        } else {
            day(2022, 10, 10)
        };
        self.draft(year.procedure, on).await?;
        if year.index == 1 {
            self.draft("TYU-MNG", day(2022, 12, 5)).await?;
        }
        let by_snils = self.by_snils();
        let plans = self.app.db.read(move |c| drafted::plans(c, &by_snils)).await?;
        let story = story::tell(year, &cast, &self.municipalities, &self.population, &plans);
        let repeated = year::repeated(&story.repeated, &self.population)?;
        self.import::<ResultsFile>(&format!("repeated-{}.csv", year.index + 1), &repeated)
            .await?;
        self.apply(&format!("acts-{}.csv", year.index + 1), &story::file(&story.acts)?)
            .await
    }

    /// The current year up to today: two groups of people, a plan in every state.
    async fn live_this_year(&self) -> Result<(), Error> {
        let this_year = &self.this_year;
        self.import::<ProceduresFile>("procedures-now.csv", &this_year.procedures_file()?)
            .await?;
        self.import::<ResultsFile>("results-now.csv", &this_year.results(&self.population)?)
            .await?;
        for (procedure, on) in this_year.procedures().iter().zip(this_year.drafted_on()) {
            self.draft(procedure, on).await?;
        }
        let by_snils = self.by_snils();
        let plans = self.app.db.read(move |c| drafted::plans(c, &by_snils)).await?;
        let acts = this_year.acts(&self.municipalities, &self.population, &plans);
        self.apply("acts-now.csv", &story::file(&acts)?).await
    }

    fn by_snils(&self) -> HashMap<String, usize> {
        self.population
            .humans
            .iter()
            .enumerate()
            .map(|(h, human)| (human.snils.as_str().to_owned(), h))
            .collect()
    }

    async fn draft(&self, procedure: &str, on: NaiveDate) -> Result<(), Error> {
        let ask = drafting::Ask {
            procedure: procedure.to_owned(),
            unit: None,
            within: Within::of_server("demo"),
            origin: IomOrigin::Cnppm,
            on,
            again: true,
            author: None,
            on_behalf_of: None,
        };
        let key = self.app.keys.audit.clone();
        self.app.db.write(move |tx| drafting::run(tx, &key, &ask)).await?;
        Ok(())
    }

    async fn apply(&self, file: &str, text: &str) -> Result<(), Error> {
        std::fs::write(self.folder.join(file), text)?;
        let (rows, unread) = acts::parse(text.as_bytes())?;
        let key = self.app.keys.audit.clone();
        let applied = self.app.db.write(move |tx| flow::acts(tx, &key, &rows)).await?;
        match unread.iter().chain(&applied.refused).next() {
            None => Ok(()),
            Some(first) => Err(Error::Internal(format!(
                "демо: {file}, строка {}: {}",
                first.line, first.why
            ))),
        }
    }

    /// Events, bodies and mentoring.
    async fn keep_registers(&self) -> Result<(), Error> {
        let today = self.this_year.today();
        let files = registers::all(&self.municipalities, &self.population, today)?;
        self.import::<EventsFile>("events.csv", &files.events).await?;
        self.import::<BodiesFile>("bodies.csv", &files.bodies).await?;
        self.import::<ActivitiesFile>("activities.csv", &files.activities)
            .await?;
        self.import::<MembersFile>("members.csv", &files.members).await?;
        self.import::<PairsFile>("pairs.csv", &files.pairs).await?;
        self.import::<MentorsFile>("mentors.csv", &files.mentors).await?;
        let files = undertakings::all(&self.municipalities, &self.population, today)?;
        self.import::<UndertakingsFile>("undertakings.csv", &files.undertakings)
            .await?;
        self.import::<PublicationsFile>("publications.csv", &files.publications)
            .await?;
        let Population { organisations, humans } = &self.population;
        let subjects: BTreeSet<&str> = humans
            .iter()
            .flat_map(|h| h.subjects.iter().map(String::as_str))
            .collect();
        let subjects: Vec<&str> = subjects.into_iter().collect();
        let vacancies = vacancies::vacancies(organisations, &subjects, today)?;
        self.import::<VacanciesFile>("vacancies.csv", &vacancies).await
    }

    /// What was reported and given by experts, beside what is computed; then the packs, which open the periods.
    async fn report_figures(&self) -> Result<(), Error> {
        let (units, _) = self.app.db.read(codes).await?;
        let values = reported::values(&self.municipalities, &units)?;
        let named: HashMap<units::UnitId, &str> = units.iter().map(|(code, id)| (*id, code.as_str())).collect();
        let is_late =
            |v: &indicators::reported::Entered| named.get(&v.unit).is_some_and(|code| editions::is_late(code, v));
        let (late, values): (Vec<_>, Vec<_>) = values.into_iter().partition(is_late);
        let key = self.app.keys.audit.clone();
        self.app
            .db
            .write(move |tx| indicators::reported::record(tx, &key, &values))
            .await?;
        let key = self.app.keys.audit.clone();
        let now = self.this_year.periods();
        let opened: Result<(), Error> = self
            .app
            .db
            .write(move |tx| {
                let mut packs = Vec::new();
                for (_, text) in indicators::pack::EMBEDDED {
                    packs.push(indicators::load::load(tx, &key, text, false)?.0);
                }
                if let Some(own) = packs.iter().find(|pack| pack.code == "tyumen") {
                    reported::publish(tx, &key, own)?;
                }
                let periods = packs.iter().flat_map(|pack| {
                    let current = now.iter().flatten().filter(|code| pack.basis.window(code).is_some());
                    pack.years
                        .iter()
                        .chain(current)
                        .map(|code| (&pack.basis, code.as_str()))
                });
                indicators::load::open_all(tx, periods).map(|_| ())
            })
            .await;
        opened?;
        editions::release(self.app, late).await
    }

    /// The sign-in page of a demo offers the same accounts as are printed here.
    async fn keep_sign_ins(&self) -> Result<(), Error> {
        let accounts: Vec<_> = accounts::sign_ins(&self.population, &self.this_year)
            .into_iter()
            .map(|(role, login)| serde_json::json!({ "role": role, "login": login, "password": accounts::PASSWORD }))
            .collect();
        let text = serde_json::Value::from(accounts).to_string();
        self.app
            .db
            .write(move |tx| settings::put(tx.conn(), "demo_sign_ins", &text).map_err(Error::from))
            .await
    }

    fn print_sign_ins(&self, no_serve: bool) -> Result<(), Error> {
        let data = self.app.config.data.display();
        let people = self.population.humans.len();
        let organisations = self.population.organisations.len();
        say!(
            "Пробный регион готов: {people} человек, {organisations} организаций, опубликованные данные за два года \
             и текущий год по сегодняшний день."
        )?;
        say!("")?;
        say!("Учётные записи (пароль у всех: {}):", accounts::PASSWORD)?;
        for (role, login) in accounts::sign_ins(&self.population, &self.this_year) {
            say!("  {role:<28} {login}")?;
        }
        say!("")?;
        if no_serve {
            say!("Страницы не открыты: --no-serve.")?;
        } else {
            say!("Страницы открываются; там те же записи стоят под формой входа. Или спросите командами:")?;
        }
        say!(
            "  vekha --data {data} values --pack tyumen --indicator 3.4 --period 2022/23 --level municipality --format csv"
        )?;
        say!(
            "  vekha --data {data} people --pack tyumen --indicator 3.4 --period 2022/23 --unit TYU-04 --part numerator"
        )?;
        say!("  vekha --data {data} check")?;
        Ok(())
    }
}

type Codes = (HashMap<String, units::UnitId>, HashMap<String, staff::PersonId>);

/// Units by code and persons by СНИЛС.
fn codes(conn: &mut AnyConn) -> Result<Codes, Error> {
    let tree = units::store::tree(conn, day(2022, 6, 1), None)?;
    let by_code = UnitKind::ALL
        .iter()
        .flat_map(|k| tree.of_kind(*k))
        .map(|u| (u.code.clone(), u.id))
        .collect();
    Ok((by_code, drafted::persons(conn)?))
}
