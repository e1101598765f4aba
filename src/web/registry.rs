//! What a route is: one entry of the sitemap in `server.rs`. What is not listed there does not exist.

use std::future::Future;
use std::pin::Pin;

use super::answer::Answer;
use super::call::Call;
use super::menu::Group;
use crate::error::Error;

/// Reading or acting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Shows; changes nothing.
    Get,
    /// Acts; carries the token of its form.
    Post,
}

/// What one must be allowed to do. Roles are turned into capabilities in one place, `access::policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// Anyone, signed in or not.
    Public,
    /// Anyone who is signed in.
    SignedIn,
    /// Naming who acts in one's stead.
    Delegations,
    /// Own plan and own profile.
    OwnPlan,
    /// Persons one accompanies: their plans and marks.
    Support,
    /// Diagnoses of a scope by competence and level.
    Diagnostics,
    /// Drafting plans of a scope by rules.
    Drafting,
    /// Plans that one's own school composed, or that one composed oneself: changing, sending, deciding what is next.
    Composed,
    /// Who is invited to a procedure of a scope, and who came.
    Invitations,
    /// All plans of a scope with their cards.
    Plans,
    /// Supporters of a scope: what they carry, assigning.
    Supporters,
    /// Approving plans, many at once.
    Approve,
    /// Taking out a file that names more than five hundred people.
    BulkExport,
    /// Numbers of the region and the people behind them.
    Indicators,
    /// Numbers of units below one's own, without names.
    Aggregates,
    /// Telling the heads of the schools below one's own unit of an indicator.
    Inform,
    /// People of one's own organisation and the state of their plans, without scores.
    Staff,
    /// Accounts of teachers for the staff of one's own organisation.
    Accounts,
    /// Giving roles below one's own, inside one's own unit.
    Roles,
    /// Where accounts of the region are signed in, and closing that.
    SignIns,
    /// Agreeing to the applications of one's own organisation.
    Applications,
    /// How many of one's own unit are reached.
    Coverage,
    /// Organisations below one's own unit, as numbers.
    Schools,
    /// Files of the region: loading and taking back.
    Upload,
    /// Registers of events, bodies and mentoring of a scope.
    Registers,
    /// Bringing back a list or a report that was given out to be changed in a table.
    RoundTrip,
    /// Vacancies, composition and retention of the staff of a scope.
    Workforce,
    /// The people behind the numbers of the staff.
    WorkforcePeople,
    /// Facts of one's own organisation or municipality by form.
    Forms,
    /// Marking the links of such facts as checked.
    FormsCheck,
    /// Reports of one's own organisation or municipality in a campaign.
    Reports,
    /// Reports of the units below one's own: agreeing to them, returning them.
    ReportsCheck,
    /// Campaigns of the region: opening them, accepting what is agreed, giving more time.
    Campaigns,
    /// Surveys of people in a scope: how many have answered, what they say together.
    Surveys,
    /// Examinations of the region: opening them, assigning experts, announcing, deciding appeals.
    Examinations,
    /// Scoring the units that one was assigned to as an expert.
    Examine,
    /// What one's own municipality shows to experts and is told by them.
    Examined,
    /// Packs of methodology: their versions, editing them.
    Packs,
    /// Released values of the region.
    Editions,
    /// Releasing them, opening them to everyone.
    Release,
    /// Approving what was released.
    ReleaseApproval,
    /// Acts and orders of the region, those that are open to whoever asks.
    Acts,
    /// The cycle of monitoring of a scope: its stages, calendar and marks, acts and orders.
    Cycle,
    /// The journal of acts of a scope.
    Journal,
    /// Files that teachers attach to their steps.
    Evidence,
    /// Letters that did not go: sending them again.
    Letters,
    /// Letters of the region; demo installations only, for whoever is signed in.
    Mailbox,
    /// The page of components; demo installations only.
    Design,
}

/// Where an id lies; it is read there and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the path, under this name.
    Path(&'static str),
    /// In the query.
    Query(&'static str),
    /// In the form.
    Form(&'static str),
}

/// What the journal keeps of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audit {
    /// Nothing: own or impersonal data.
    None,
    /// A row in the transaction of the act.
    Act,
    /// A row for the person whose card, plan or scores were opened; none when it is the visitor's own.
    Person,
    /// One row with filter and count, for a page that names people.
    List,
}

/// How dear a call is: which body it may carry and what it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// A file of the pages or the state of the process: no session is read.
    Free,
    /// A page.
    Page,
    /// A small form.
    Form,
    /// A form with a long text: a pack of methodology.
    Text,
    /// A password is hashed.
    Hash,
    /// A form that may carry a file.
    Upload,
}

impl Cost {
    /// The longest body, bytes.
    #[must_use]
    pub fn body_limit(self) -> usize {
        match self {
            Self::Free | Self::Page => 8 * 1024,
            Self::Form | Self::Hash => 64 * 1024,
            Self::Text => 1024 * 1024,
            // Fields and the lines between the parts beside the file itself.
            Self::Upload => 20 * 1024 * 1024 + 128 * 1024,
        }
    }
}

/// What a handler gives back when it is called.
pub type Answering = Pin<Box<dyn Future<Output = Result<Answer, Error>>>>;

/// One route.
pub struct Entry {
    /// Method.
    pub method: Method,
    /// Path as the router writes it.
    pub path: &'static str,
    /// Title of the page, unless the answer gives one of its own.
    pub title: &'static str,
    /// What one must be allowed to do.
    pub capability: Capability,
    /// Where its ids lie.
    pub ids: &'static [Place],
    /// What the journal keeps.
    pub audit: Audit,
    /// What it keeps of an act that is answered by a page instead of another address: the page names people too.
    pub shows: Audit,
    /// Whether the form must carry the token of the session.
    pub csrf: bool,
    /// How dear it is.
    pub cost: Cost,
    /// Whether its answer is a file of many people: an account has few of them under way at once.
    pub long: bool,
    /// Where it stands in the main menu, if it does.
    pub menu: Option<Group>,
    /// Whose menu it stands in, where that is not everybody who may open it.
    pub menu_of: Option<Capability>,
    /// The handler.
    pub handler: fn(Call) -> Answering,
}

impl Entry {
    /// An entry of the sitemap with the usual rest: no ids, no journal, a form token for every act.
    pub const fn new(
        method: Method,
        path: &'static str,
        title: &'static str,
        capability: Capability,
        handler: fn(Call) -> Answering,
    ) -> Self {
        let acts = matches!(method, Method::Post);
        Self {
            method,
            path,
            title,
            capability,
            ids: &[],
            audit: if acts { Audit::Act } else { Audit::None },
            shows: Audit::None,
            csrf: acts,
            cost: if acts { Cost::Form } else { Cost::Page },
            long: false,
            menu: None,
            menu_of: None,
            handler,
        }
    }

    /// Where its ids lie.
    #[must_use]
    pub const fn ids(mut self, ids: &'static [Place]) -> Self {
        self.ids = ids;
        self
    }

    /// What the journal keeps.
    #[must_use]
    pub const fn audit(mut self, audit: Audit) -> Self {
        self.audit = audit;
        self
    }

    /// What the journal keeps when the act is answered by a page.
    #[must_use]
    pub const fn shows(mut self, audit: Audit) -> Self {
        self.shows = audit;
        self
    }

    /// How dear it is.
    #[must_use]
    pub const fn cost(mut self, cost: Cost) -> Self {
        self.cost = cost;
        self
    }

    /// Its answer is a file of many people.
    #[must_use]
    pub const fn long(mut self) -> Self {
        self.long = true;
        self
    }

    /// Stands in the main menu under its title, among sections of this kind.
    #[must_use]
    pub const fn in_menu(mut self, group: Group) -> Self {
        self.menu = Some(group);
        self
    }

    /// Stands in the main menu of those who may do this too; others come to it by links.
    #[must_use]
    pub const fn in_menu_of(mut self, group: Group, capability: Capability) -> Self {
        self.menu = Some(group);
        self.menu_of = Some(capability);
        self
    }

    /// Where it stands in the main menu of somebody who may do these things.
    pub fn in_menu_for(&self, may: impl Fn(Capability) -> bool) -> Option<Group> {
        self.menu
            .filter(|_| may(self.capability) && self.menu_of.is_none_or(&may))
    }

    /// Takes a body that is no form of ours: reports of the browser itself.
    #[must_use]
    pub const fn without_form(mut self) -> Self {
        self.csrf = false;
        self
    }
}
