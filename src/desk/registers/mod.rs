//! Registers of what people and units do: events, bodies, pairs, undertakings, publications and the rest.

pub mod activities;
mod activities_rows;
pub mod bodies;
mod bodies_rows;
pub mod body;
pub mod event;
pub mod event_people;
pub mod events;
pub(crate) mod events_rows;
pub mod experts;
pub mod file;
pub mod mentors;
mod mentors_rows;
pub mod page;
pub mod pair;
pub mod pairs;
mod pairs_rows;
pub mod publication;
pub mod publications;
pub mod reach;
pub mod record;
pub mod reserve;
pub mod undertaking;
pub(crate) mod undertaking_blocks;
pub mod undertakings;
