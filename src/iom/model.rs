//! The nouns: a plan, its dated states, revisions, deficits, goals, items, supporters, acts.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::access::AccountId;
use crate::catalogue::ProgrammeId;
use crate::competence::CompetenceId;
use crate::db::milli::Milli;
use crate::db::schema::{
    iom, iom_acquaintance, iom_act, iom_deficit, iom_goal, iom_item, iom_revision, iom_state, rule_set, supporter,
};
use crate::diagnostics::{DiagnosisId, ProcedureId, ResultId};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::{id_newtype, text_enum};

id_newtype! {
    /// A version of the drafting rules.
    RuleSetId;
    /// A plan.
    IomId;
    /// A dated state of a plan.
    StateId;
    /// A frozen version of a plan.
    RevisionId;
    /// A deficit a plan was drafted from.
    DeficitId;
    /// A goal of a plan.
    GoalId;
    /// A step of a plan.
    ItemId;
    /// A supporter's assignment.
    SupporterId;
    /// An act on a plan.
    ActId;
    /// A document on training, which may close many items.
    DocumentId;
    /// A teacher's reading of a revision.
    AcquaintanceId;
    /// A template of plans: the same for all its versions.
    TemplateId;
}

text_enum! {
    /// Who drew the plan up.
    IomOrigin {
        Cnppm = "cnppm" "ЦНППМ",
        Course = "course" "курс ПК",
        FederalAcademy = "federal_academy" "Академия Минпросвещения",
        School = "school" "школа",
    }
}

text_enum! {
    /// Where a plan stands.
    IomState {
        Draft = "draft" "черновик",
        OnAgreement = "on_agreement" "на согласовании",
        Returned = "returned" "на доработке",
        Approved = "approved" "утверждён",
        Active = "active" "действует",
        Paused = "paused" "приостановлен",
        Closed = "closed" "закрыт",
    }
}

text_enum! {
    /// How a plan was closed.
    IomOutcome {
        Completed = "completed" "выполнен",
        Expired = "expired" "завершён по сроку",
        Terminated = "terminated" "прекращён",
    }
}

text_enum! {
    /// Why a plan was terminated.
    CloseReason {
        Dismissal = "dismissal" "увольнение",
        ParentalLeave = "parental_leave" "декрет",
        Transfer = "transfer" "перевод",
        Refusal = "refusal" "отказ",
        Error = "error" "ошибка",
        Replaced = "replaced" "заменён другим ИОМ",
    }
}

text_enum! {
    /// Why a plan is paused; a dictionary that asks for nothing about health.
    PauseReason {
        Leave = "leave" "отпуск",
        ParentalLeave = "parental_leave" "отпуск по уходу за ребёнком",
        Absence = "absence" "временное отсутствие на работе",
        Trip = "trip" "командировка",
        Studies = "studies" "учёба",
        Work = "work" "перевод или смена нагрузки",
        Request = "request" "по заявлению педагога",
        Other = "other" "другая причина",
    }
}

text_enum! {
    /// What a goal rests on.
    GoalBasis {
        Deficit = "deficit" "дефицит",
        ProspectiveTask = "prospective_task" "перспективная задача",
        IndividualRequest = "individual_request" "запрос педагога",
    }
}

text_enum! {
    /// Where an item stands.
    ItemState {
        Planned = "planned" "запланирован",
        InProgress = "in_progress" "в работе",
        Submitted = "submitted" "на проверке",
        Accepted = "accepted" "зачтён",
        Returned = "returned" "возвращён",
        Waived = "waived" "перезачтён",
        Cancelled = "cancelled" "отменён",
    }
}

impl ItemState {
    /// Whether the step is done: its mark stands.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Accepted | Self::Waived)
    }
}

text_enum! {
    /// Kind of learning.
    EducationForm {
        Formal = "formal" "формальное",
        NonFormal = "non_formal" "неформальное",
        Informal = "informal" "информальное",
    }
}

text_enum! {
    /// In which form something is learnt.
    StudyForm {
        FullTime = "full_time" "очно",
        Extramural = "extramural" "заочно",
        Distance = "distance" "дистанционно",
        Mixed = "mixed" "очно-заочно",
    }
}

text_enum! {
    /// What a revision was made by.
    RevisionBasis {
        Approval = "approval" "утверждение",
        Change = "change" "изменение",
        Cancel = "cancel" "отмена шага",
        Template = "template" "новый шаблон",
        Extension = "extension" "продление срока",
    }
}

text_enum! {
    /// How a teacher has read a revision.
    ReadingWay {
        Page = "page" "на странице",
        Paper = "paper" "на бумаге",
    }
}

text_enum! {
    /// At which level an item is held.
    ItemLevel {
        School = "school" "ОО",
        Municipal = "municipal" "муниципальный",
        Regional = "regional" "региональный",
        Federal = "federal" "федеральный",
    }
}

text_enum! {
    /// What a supporter is to the plan.
    SupporterKind {
        Curator = "curator" "куратор",
        Tutor = "tutor" "тьютор",
        RegionalMethodist = "regional_methodist" "региональный методист",
        MunicipalMethodist = "municipal_methodist" "методист ММС",
        Mentor = "mentor" "наставник",
        Supervisor = "supervisor" "супервизор",
    }
}

text_enum! {
    /// What came of a deficit.
    DeficitOutcome {
        Closed = "closed" "закрыт",
        Reduced = "reduced" "снижен",
        Remained = "remained" "остался",
    }
}

text_enum! {
    /// An act on a plan, its items and its enrolments; the words of files of acts.
    ActKind {
        Send = "send" "отправить на согласование",
        Agree = "agree" "согласовать",
        Approve = "approve" "утвердить",
        Start = "start" "начать",
        Apply = "apply" "подать заявку",
        AgreeEnrolment = "agree-enrolment" "согласовать заявку",
        RefuseEnrolment = "refuse-enrolment" "отклонить заявку",
        Enrol = "enrol" "зачислить",
        Complete = "complete" "завершить обучение",
        Begin = "begin" "взять в работу",
        Submit = "submit" "отправить на проверку",
        Withdraw = "withdraw" "отозвать с проверки",
        Accept = "accept" "зачесть",
        Return = "return" "вернуть",
        Waive = "waive" "перезачесть",
        Cancel = "cancel" "отменить шаг",
        Change = "change" "изменить маршрут",
        Extend = "extend" "продлить",
        Acquaint = "acquaint" "ознакомиться",
        Decline = "decline-template" "отклонить предложение шаблона",
        Assign = "assign" "назначить сопровождающего",
        Support = "support" "оказать помощь",
        Pause = "pause" "приостановить",
        Resume = "resume" "возобновить",
        Outcome = "outcome" "записать исход дефицита",
        CloseCompleted = "close-completed" "закрыть выполненным",
        CloseExpired = "close-expired" "закрыть по сроку",
        CloseTerminated = "close-terminated" "прекратить",
        Reopen = "reopen" "вернуть в работу",
    }
}

impl ActKind {
    /// Whether it is done to an application for a course.
    #[must_use]
    pub fn is_about_course(self) -> bool {
        matches!(
            self,
            Self::Apply | Self::AgreeEnrolment | Self::RefuseEnrolment | Self::Enrol | Self::Complete
        )
    }

    /// Whether it is an act of support: a review of a step, or help recorded as such. A plan sent back as a whole is no
    /// review of what its teacher has done.
    #[must_use]
    pub fn is_support(self, on_step: bool) -> bool {
        match self {
            Self::Support => true,
            Self::Accept | Self::Return => on_step,
            _ => false,
        }
    }

    /// Whether it reads and moves a step alone, and leaves the plan, its goals and every application as they are.
    #[must_use]
    pub fn is_of_one_step(self, on_step: bool) -> bool {
        match self {
            Self::Begin | Self::Submit | Self::Withdraw | Self::Accept | Self::Support => true,
            Self::Return => on_step,
            _ => false,
        }
    }
}

/// A version of the drafting rules, kept as it was loaded.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = rule_set, treat_none_as_default_value = false)]
pub struct RuleSet {
    /// Id.
    pub id: RuleSetId,
    /// Code of the set.
    pub code: String,
    /// Version; grows with each change of the text.
    pub version: i32,
    /// The text.
    pub source: String,
    /// When it was loaded.
    pub loaded_at: NaiveDateTime,
    /// The region whose rules these are; `None` are those of the program.
    pub region_id: Option<UnitId>,
    /// Who put them in force.
    pub account_id: Option<AccountId>,
    /// Why.
    pub reason: Option<String>,
}

/// A plan. Its state and dates are those of the latest act.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = iom, treat_none_as_default_value = false)]
pub struct Iom {
    /// Id.
    pub id: IomId,
    /// The region.
    pub region_id: UnitId,
    /// Whose.
    pub person_id: PersonId,
    /// Number, unique in the region.
    pub number: String,
    /// Who drew it up.
    pub origin: IomOrigin,
    /// Where it stands.
    pub state: IomState,
    /// How it was closed; empty while it is open.
    pub outcome: Option<IomOutcome>,
    /// Why it was terminated.
    pub close_reason: Option<CloseReason>,
    /// The procedure whose results it answers.
    pub procedure_id: Option<ProcedureId>,
    /// The rules that drafted it.
    pub rule_set_id: Option<RuleSetId>,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day, included; `None` is open.
    pub ends_on: Option<NaiveDate>,
    /// The day the teacher first saw it: the first sending for agreement.
    pub first_visible_on: Option<NaiveDate>,
    /// The day of the teacher's agreement, which a return takes back.
    pub agreed_on: Option<NaiveDate>,
    /// The day it was closed; empty while it is open.
    pub closed_on: Option<NaiveDate>,
    /// Number of the frozen revision in force; 0 before the approval.
    pub revision: i32,
    /// Whether it is kept on the platform.
    pub on_platform: bool,
    /// The repeated diagnosis it was closed by.
    pub follow_up_diagnosis_id: Option<DiagnosisId>,
    /// The written conclusion it was closed by.
    pub conclusion: Option<String>,
    /// Who drafted it; `None` is a command on the server.
    pub author_id: Option<AccountId>,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// What the teacher asks for, in the teacher's words.
    pub request: Option<String>,
    /// The template that it follows.
    pub template_id: Option<TemplateId>,
    /// The version of the template that it has taken or declined last.
    pub template_version: Option<i32>,
    /// The last day of the pause it is in, included, as it is meant.
    pub paused_until: Option<NaiveDate>,
}

/// A state of a plan from a day on.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = iom_state, treat_none_as_default_value = false)]
pub struct StateRow {
    /// Id.
    pub id: StateId,
    /// The region.
    pub region_id: UnitId,
    /// The plan.
    pub iom_id: IomId,
    /// The state.
    pub state: IomState,
    /// How it was closed.
    pub outcome: Option<IomOutcome>,
    /// Why.
    pub reason: Option<String>,
    /// The day of the act.
    pub on_date: NaiveDate,
    /// Who acted; `None` is a command on the server.
    pub account_id: Option<AccountId>,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When another record took its place.
    pub superseded_at: Option<NaiveDateTime>,
}

/// A frozen version of an approved plan.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = iom_revision, treat_none_as_default_value = false)]
pub struct Revision {
    /// Id.
    pub id: RevisionId,
    /// The region.
    pub region_id: UnitId,
    /// The plan.
    pub iom_id: IomId,
    /// 1 is the approved one; each change makes the next.
    pub number: i32,
    /// Why it was made.
    pub reason: String,
    /// The day of the act.
    pub on_date: NaiveDate,
    /// Who acted.
    pub account_id: Option<AccountId>,
    /// Goals and items as canonical JSON.
    pub body: String,
    /// SHA-256 of the body.
    pub digest: String,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// What it was made by; `None` for those made before this was kept.
    pub basis: Option<RevisionBasis>,
    /// In whose stead.
    pub on_behalf_of_id: Option<AccountId>,
}

/// A deficit of the profile as it stood at drafting, and what came of it.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = iom_deficit, treat_none_as_default_value = false)]
pub struct Deficit {
    /// Id.
    pub id: DeficitId,
    /// The region.
    pub region_id: UnitId,
    /// The plan.
    pub iom_id: IomId,
    /// The competence.
    pub competence_id: CompetenceId,
    /// The result it was read from.
    pub result_id: Option<ResultId>,
    /// Code of the level.
    pub level: String,
    /// Severity of the level: larger is worse.
    pub severity: i32,
    /// Score.
    pub raw_milli: Milli,
    /// The most that could be scored.
    pub max_milli: Milli,
    /// What came of it.
    pub outcome: Option<DeficitOutcome>,
    /// The day of the outcome.
    pub outcome_on: Option<NaiveDate>,
    /// Who recorded it.
    pub outcome_by_id: Option<AccountId>,
}

/// What a plan is for.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = iom_goal, treat_none_as_default_value = false)]
pub struct Goal {
    /// Id.
    pub id: GoalId,
    /// The region.
    pub region_id: UnitId,
    /// The plan.
    pub iom_id: IomId,
    /// What it rests on.
    pub basis: GoalBasis,
    /// The deficit, where it rests on one.
    pub deficit_id: Option<DeficitId>,
    /// Text.
    pub title: String,
    /// Place among the goals, from 1.
    pub number: i32,
    /// Task: what is to be done for it.
    pub task: Option<String>,
    /// The result that is expected.
    pub expected: Option<String>,
    /// When it was taken out of the plan; revisions made before keep it.
    pub removed_at: Option<NaiveDateTime>,
}

impl Goal {
    /// Whether it is still a goal of the plan.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.removed_at.is_none()
    }
}

/// A step of a plan.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = iom_item, treat_none_as_default_value = false)]
pub struct Item {
    /// Id.
    pub id: ItemId,
    /// The region.
    pub region_id: UnitId,
    /// The plan.
    pub iom_id: IomId,
    /// Number in the plan, from 1.
    pub number: i32,
    /// Where it stands.
    pub state: ItemState,
    /// What is to be done.
    pub title: String,
    /// The programme, for formal learning.
    pub programme_id: Option<ProgrammeId>,
    /// Kind of learning.
    pub education_form: EducationForm,
    /// At which level it is held.
    pub level: Option<ItemLevel>,
    /// Whether the plan cannot be completed without it.
    pub mandatory: bool,
    /// Volume in academic hours.
    pub hours: i32,
    /// Last day, included.
    pub due_on: Option<NaiveDate>,
    /// Topics of the programme as they were at drafting, a set of codes.
    pub topics: String,
    /// Code of the rule that put it here.
    pub rule: Option<String>,
    /// The version of the rules.
    pub rule_set_id: Option<RuleSetId>,
    /// The deficit it is for.
    pub deficit_id: Option<DeficitId>,
    /// The day it was accepted or waived.
    pub settled_on: Option<NaiveDate>,
    /// The document that closed it.
    pub document_id: Option<DocumentId>,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// Category: a seminar, a visit to a lesson, in free words.
    pub category: Option<String>,
    /// In which form it is learnt.
    pub study_form: Option<StudyForm>,
    /// Who holds it.
    pub organiser: Option<String>,
    /// Who helps with it, and how.
    pub accompaniment: Option<String>,
    /// The result that is expected, and how it is shown.
    pub expected: Option<String>,
    /// The item that comes before it.
    pub after_item_id: Option<ItemId>,
    /// The day it was added; `None`: it is there since the drafting.
    pub added_on: Option<NaiveDate>,
    /// Why it was added, in the words of whoever did.
    pub reason: Option<String>,
    /// The step of the template that it was taken from.
    pub template_step: Option<String>,
}

/// Who accompanies a plan, in a kind, dated.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = supporter, treat_none_as_default_value = false)]
pub struct Supporter {
    /// Id.
    pub id: SupporterId,
    /// The region.
    pub region_id: UnitId,
    /// The plan.
    pub iom_id: IomId,
    /// Who.
    pub account_id: AccountId,
    /// As what.
    pub kind: SupporterKind,
    /// First day.
    pub valid_from: NaiveDate,
    /// The day after the last one; `None` is open.
    pub valid_to: Option<NaiveDate>,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When another record took its place.
    pub superseded_at: Option<NaiveDateTime>,
}

impl Supporter {
    /// Whether the assignment holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.superseded_at.is_none() && self.valid_from <= day && self.valid_to.is_none_or(|to| day < to)
    }
}

/// An act with its own date; the timeline of a plan.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = iom_act, treat_none_as_default_value = false)]
pub struct Act {
    /// Id.
    pub id: ActId,
    /// The region.
    pub region_id: UnitId,
    /// The plan.
    pub iom_id: IomId,
    /// The item, where the act is on one.
    pub item_id: Option<ItemId>,
    /// What was done.
    pub act: ActKind,
    /// The act's own day.
    pub on_date: NaiveDate,
    /// Who acted; `None` is a command on the server.
    pub account_id: Option<AccountId>,
    /// Value: number of a document, an outcome, a login.
    pub value: Option<String>,
    /// Reason or remark.
    pub reason: Option<String>,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// In whose stead it was done.
    pub on_behalf_of_id: Option<AccountId>,
}

/// A teacher has read a revision, as it stood.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = iom_acquaintance, treat_none_as_default_value = false)]
pub struct Acquaintance {
    /// Id.
    pub id: AcquaintanceId,
    /// The region.
    pub region_id: UnitId,
    /// The plan.
    pub iom_id: IomId,
    /// Number of the revision.
    pub revision: i32,
    /// Who.
    pub account_id: AccountId,
    /// The day.
    pub on_date: NaiveDate,
    /// How.
    pub way: ReadingWay,
    /// SHA-256 of the body that was read.
    pub body_digest: String,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
}
