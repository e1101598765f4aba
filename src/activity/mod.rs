//! What people do besides their plan: events and contests, bodies and their members, mentoring, expert work, support.
//! Facts ask for it as tokens ([`token`]); what the kinds are is data ([`kinds`]).

pub mod authors;
pub mod body;
pub mod by;
pub mod content;
pub mod event;
pub mod expertise;
pub mod import_activities;
pub mod import_bodies;
pub mod import_events;
pub mod import_members;
pub mod import_mentors;
pub mod import_pairs;
pub mod import_publications;
pub mod import_undertakings;
pub mod kinds;
pub mod mentor;
pub mod model;
pub mod pair;
pub mod provide;
pub mod publication;
pub mod record;
pub mod reserve;
pub mod store;
pub mod taking_part;
pub mod token;
pub mod undertaking;
pub mod undertakings;
pub mod vacancy;
mod versions;
mod whom;
pub mod words;

pub use model::{
    Achieved, Activity, ActivityId, Body, BodyId, BodyMember, Event, EventId, EventUnit, Family, Level, MemberRole,
    MentorCard, MentoringPair, PairDocument, Part, RecordId,
};
pub use store::{dated, tokens};
pub use token::{Dated, Token};
