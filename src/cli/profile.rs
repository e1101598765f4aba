//! `profile`: the deficits of a person on a day.

use std::collections::HashMap;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use diesel::prelude::*;

use super::output::{Out, say, tell};
use super::{Context, Outcome};
use crate::audit::{self, words};
use crate::competence::{Competence, CompetenceId, scale};
use crate::db::schema::{competence, competence_group, procedure};
use crate::db::{AnyConn, DbError};
use crate::diagnostics::ProcedureId;
use crate::error::Error;
use crate::people::{self, Person};
use crate::profile::{self, Profile, percent};
use crate::web::Scope;

/// Arguments of `profile`.
#[derive(Debug, Args)]
pub struct ProfileCommand {
    /// СНИЛС педагога.
    snils: String,
    /// На какую дату; без неё — на сегодня.
    #[arg(long)]
    as_of: Option<NaiveDate>,
    /// Вид вывода; без него — таблица для чтения.
    #[arg(long)]
    format: Option<Format>,
}

/// Machine output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Comma-separated values.
    Csv,
}

/// Names that the table prints.
struct Names {
    competences: HashMap<CompetenceId, Competence>,
    groups: HashMap<String, String>,
    procedures: HashMap<ProcedureId, String>,
}

/// Prints the profile.
pub async fn run(context: &Context, command: ProfileCommand) -> Result<Outcome, Error> {
    let ProfileCommand { snils, as_of, format } = command;
    let on = as_of.unwrap_or_else(|| context.app.clock.today());
    let snils = super::snils(&snils)?;
    let (found, names) = context
        .app
        .db
        .read(move |conn| {
            let persons = people::store::by_snils(conn, &Scope::of_server("profile"), &snils)?;
            if persons.is_empty() {
                return Err(Error::NotFound("человек с таким СНИЛС".into()));
            }
            let ids: Vec<_> = persons.iter().map(|p| p.id).collect();
            let mut results = profile::store::results(conn, &ids, None)?;
            let scales = scale::bands(conn)?;
            let found: Vec<(Person, Profile)> = persons
                .into_iter()
                .map(|person| {
                    let own = results.remove(&person.id).unwrap_or_default();
                    let profile = profile::profile(&own, &scales, on);
                    (person, profile)
                })
                .collect();
            Ok((found, names(conn)?))
        })
        .await?;
    note(context, words::READ_PROFILE, found.iter().map(|(person, _)| person)).await?;
    for (person, profile) in &found {
        for expired in &profile.expired {
            let competence = names.competence(expired.measured.competence);
            tell!(
                "Истёк {}: компетенция {competence}, результат от {} ({}) не учтён, нужна новая диагностика.",
                expired.valid_through,
                expired.measured.held_on,
                names.procedure(expired.measured.procedure),
            );
        }
        if format.is_none() {
            print_table(person, profile, &names, on)?;
        }
    }
    if format == Some(Format::Csv) {
        print_csv(&found, &names)?;
    }
    Ok(Outcome::Done)
}

/// A row of the journal for each person stands before anything of them is shown; whoever writes or checks next seals it.
pub(super) async fn note(
    context: &Context,
    action: &'static str,
    persons: impl Iterator<Item = &Person>,
) -> Result<(), Error> {
    let entry = |person: &Person| {
        let mut entry = audit::Entry::of_server(action, "person", Some(person.id.0));
        entry.region = Some(person.region_id.0);
        entry.person = Some(person.id.0);
        entry
    };
    let entries: Vec<audit::Entry> = persons.map(entry).collect();
    context.app.note(entries).await
}

impl Names {
    fn competence(&self, id: CompetenceId) -> &str {
        self.competences.get(&id).map_or("", |c| &c.code)
    }

    fn group(&self, id: CompetenceId) -> &str {
        self.competences.get(&id).map_or("", |c| &c.group_code)
    }

    fn procedure(&self, id: ProcedureId) -> &str {
        self.procedures.get(&id).map_or("", String::as_str)
    }
}

fn names(conn: &mut AnyConn) -> Result<Names, DbError> {
    let competences: Vec<Competence> = competence::table.select(Competence::as_select()).load(conn)?;
    Ok(Names {
        competences: competences.into_iter().map(|c| (c.id, c)).collect(),
        groups: competence_group::table
            .select((competence_group::code, competence_group::name))
            .load(conn)?
            .into_iter()
            .collect(),
        procedures: procedure::table
            .select((procedure::id, procedure::code))
            .load(conn)?
            .into_iter()
            .collect(),
    })
}

/// Lines in the order of group, competence.
fn sorted<'a>(profile: &'a Profile, names: &Names) -> Vec<&'a profile::Line> {
    let mut lines: Vec<_> = profile.lines.iter().collect();
    lines.sort_by_key(|l| {
        (
            names.group(l.competence).to_owned(),
            names.competence(l.competence).to_owned(),
        )
    });
    lines
}

fn print_csv(found: &[(Person, Profile)], names: &Names) -> Result<(), Error> {
    let mut out = csv::Writer::from_writer(Out);
    let written = (|| -> csv::Result<()> {
        out.write_record([
            "group",
            "competence",
            "subject",
            "level",
            "is_deficit",
            "percent",
            "procedure",
            "date",
            "self",
        ])?;
        for line in found.iter().flat_map(|(_, profile)| sorted(profile, names)) {
            let own = line.self_assessment.as_ref();
            let formal = line.formal.as_ref();
            let subject = formal.map_or_else(
                || own.map_or("", |m| m.subject.as_str()),
                |f| f.measured.subject.as_str(),
            );
            out.write_record([
                names.group(line.competence),
                names.competence(line.competence),
                subject,
                formal.and_then(|f| f.level.as_ref()).map_or("", |l| &l.label),
                formal.map_or("", |f| if f.deficit().is_some() { "true" } else { "false" }),
                &formal.map_or_else(String::new, |f| percent(f.measured.raw, f.measured.max)),
                formal.map_or("", |f| names.procedure(f.measured.procedure)),
                &formal.map_or_else(String::new, |f| f.measured.held_on.to_string()),
                &own.map_or_else(String::new, |m| percent(m.raw, m.max)),
            ])?;
        }
        out.flush()?;
        Ok(())
    })();
    written.map_err(|e| Error::Internal(e.to_string()))
}

fn print_table(person: &Person, profile: &Profile, names: &Names, on: NaiveDate) -> Result<(), Error> {
    say!("{}, профиль на {}", person.full_name(), on.format("%d.%m.%Y"))?;
    if profile.lines.is_empty() {
        say!("  действующих результатов нет")?;
    }
    for line in sorted(profile, names) {
        let name = names.competences.get(&line.competence).map_or("", |c| &c.name);
        let group = names.group(line.competence);
        let group = names.groups.get(group).map_or(group, String::as_str);
        say!("  {group} · {} {name}", names.competence(line.competence))?;
        match &line.formal {
            None => say!("      формального результата нет")?,
            Some(f) => say!(
                "      {} · {} % · {} от {}",
                f.level.as_ref().map_or("вне шкалы", |l| &l.label),
                percent(f.measured.raw, f.measured.max).replace('.', ","),
                names.procedure(f.measured.procedure),
                f.measured.held_on.format("%d.%m.%Y"),
            )?,
        }
        if let Some(own) = &line.self_assessment {
            say!(
                "      самооценка {} % (на профиль не влияет)",
                percent(own.raw, own.max).replace('.', ",")
            )?;
        }
    }
    Ok(())
}
