//! The sitemap: every route with its title, its right, what it costs and what it shows.

use super::plain;
use crate::access;
use crate::desk::{
    self, accounts, courses, cycle, diagnostics, editions, examination, forms, indicators, journal, packs, plan,
    registers, reports, rounds, school, summaries, surveys, upload, votes, workforce,
};
use crate::web::menu::Group;
use crate::web::registry::Capability::{
    Accounts, Acts, Aggregates, Applications, Approve, BulkExport, Campaigns, Composed, Coverage, Cycle, Delegations,
    Design, Diagnostics, Drafting, Editions, Evidence, Examinations, Examine, Examined, Forms, FormsCheck, Indicators,
    Inform, Invitations, Journal, Letters, Mailbox, OwnPlan, Packs, Plans, Public, Registers, Release, ReleaseApproval,
    Reports, ReportsCheck, Roles, RoundTrip, Schools, SignIns, SignedIn, Staff, Support, Supporters, Surveys, Upload,
    Votes, Workforce, WorkforcePeople,
};
use crate::web::registry::Method::{Get, Post};
use crate::web::registry::{Audit, Cost, Entry, Place};

/// Every route there is. A path that is not here answers like an object that is hidden.
pub static SITEMAP: &[Entry] = &[
    Entry::new(Get, "/healthz", "", Public, plain::alive).cost(Cost::Free),
    Entry::new(Get, "/readyz", "", Public, plain::ready).cost(Cost::Free),
    Entry::new(Get, "/favicon.ico", "", Public, plain::icon).cost(Cost::Free),
    Entry::new(Get, "/static/{digest}/{name:.*}", "", Public, plain::file).cost(Cost::Free),
    Entry::new(Post, "/csp-report", "", Public, plain::csp_report)
        .audit(Audit::None)
        .cost(Cost::Free)
        .without_form(),
    Entry::new(Get, "/sign-in", "Вход", Public, access::pages::show),
    Entry::new(Post, "/sign-in", "Вход", Public, access::pages::sign_in).cost(Cost::Hash),
    Entry::new(Post, "/first-sign-in", "Новый пароль", Public, access::first::choose).cost(Cost::Hash),
    Entry::new(Post, "/second-step", "Второй шаг входа", Public, access::second::take),
    Entry::new(
        Post,
        "/second-step/first",
        "Второй шаг входа",
        Public,
        access::second::take_first,
    ),
    Entry::new(Get, "/reset", "Забыли пароль?", Public, access::reset::show),
    Entry::new(Post, "/reset", "Забыли пароль?", Public, access::reset::ask),
    Entry::new(Get, "/link/{link}", "Ссылка из письма", Public, access::reset::open).ids(&[Place::Path("link")]),
    Entry::new(Post, "/link/{link}", "Ссылка из письма", Public, access::reset::take)
        .ids(&[Place::Path("link")])
        .cost(Cost::Hash),
    Entry::new(
        Get,
        "/confirm",
        "Подтвердите, что это вы",
        SignedIn,
        access::confirm::show,
    ),
    Entry::new(
        Post,
        "/confirm",
        "Подтвердите, что это вы",
        SignedIn,
        access::confirm::take,
    )
    .cost(Cost::Hash),
    Entry::new(Post, "/sign-out", "Выход", SignedIn, access::pages::sign_out),
    Entry::new(Post, "/role", "Роль", SignedIn, access::pages::switch_role).ids(&[Place::Form("role")]),
    Entry::new(
        Get,
        "/delegations",
        "Замещение",
        Delegations,
        accounts::delegations::show,
    ),
    Entry::new(
        Post,
        "/delegations",
        "Замещение",
        Delegations,
        accounts::delegations::give,
    ),
    Entry::new(
        Post,
        "/delegations/end",
        "Замещение",
        Delegations,
        accounts::delegations::end,
    )
    .ids(&[Place::Form("id")]),
    Entry::new(
        Get,
        "/unsubscribe/{ending}",
        "Отказ от писем",
        Public,
        accounts::unsubscribe::show,
    )
    .ids(&[Place::Path("ending")]),
    Entry::new(
        Post,
        "/unsubscribe/{ending}",
        "Отказ от писем",
        Public,
        accounts::unsubscribe::end,
    )
    .ids(&[Place::Path("ending")])
    .without_form(),
    Entry::new(Get, "/calendar/key", "Календарь шагов", OwnPlan, plan::feed::show),
    Entry::new(Post, "/calendar/key", "Календарь шагов", OwnPlan, plan::feed::change),
    Entry::new(Get, "/calendar/{feed}", "Календарь", Public, plan::feed::read).ids(&[Place::Path("feed")]),
    Entry::new(Get, "/view", "Версия для слабовидящих", Public, plain::view),
    Entry::new(Post, "/view", "Версия для слабовидящих", Public, plain::choose_view).audit(Audit::None),
    Entry::new(Get, "/", "Начало", SignedIn, desk::start::show),
    Entry::new(Get, "/plan", "Мой маршрут", OwnPlan, plan::teacher::plan).in_menu(Group::Own),
    Entry::new(Post, "/plan/act", "Мой маршрут", OwnPlan, plan::teacher::act).ids(&[Place::Form("item")]),
    Entry::new(
        Get,
        "/plan/revisions",
        "Редакции маршрута",
        OwnPlan,
        plan::revisions::show_own,
    ),
    Entry::new(Get, "/plan/notes", "Записи и встречи", OwnPlan, plan::notes::show_own),
    Entry::new(Get, "/plan/paper", "Документы маршрута", OwnPlan, plan::paper::show_own),
    Entry::new(
        Post,
        "/plan/acquaint",
        "Редакции маршрута",
        OwnPlan,
        plan::revisions::acquaint,
    ),
    Entry::new(Post, "/plan/submit", "Мой маршрут", OwnPlan, plan::evidence::submit)
        .ids(&[Place::Form("item")])
        .cost(Cost::Upload),
    Entry::new(
        Get,
        "/evidence/{evidence}",
        "Подтверждение шага",
        Evidence,
        plan::evidence::show,
    )
    .ids(&[Place::Path("evidence")])
    .audit(Audit::Person),
    Entry::new(Get, "/profile", "Профиль дефицитов", OwnPlan, plan::teacher::profile).in_menu(Group::Own),
    Entry::new(
        Get,
        "/my-diagnostics",
        "Приглашения на диагностику",
        OwnPlan,
        plan::invitation::show,
    ),
    Entry::new(
        Post,
        "/my-diagnostics/answer",
        "Приглашения на диагностику",
        OwnPlan,
        plan::invitation::answer,
    )
    .ids(&[Place::Form("code")]),
    Entry::new(Get, "/my-surveys", "Мои опросы", OwnPlan, surveys::own::all),
    Entry::new(Get, "/my-surveys/{survey}", "Опрос", OwnPlan, surveys::own::show).ids(&[Place::Path("survey")]),
    Entry::new(Post, "/my-surveys/{survey}", "Опрос", OwnPlan, surveys::own::act).ids(&[Place::Path("survey")]),
    Entry::new(
        Get,
        "/my-votes/{vote}",
        "Голосование коллег: мой голос",
        OwnPlan,
        votes::own::show,
    )
    .ids(&[Place::Path("vote")]),
    Entry::new(
        Post,
        "/my-votes/{vote}",
        "Голосование коллег: мой голос",
        OwnPlan,
        votes::own::act,
    )
    .ids(&[Place::Path("vote")])
    .shows(Audit::List),
    Entry::new(Get, "/self-assessment", "Самооценка", OwnPlan, plan::own::show),
    Entry::new(
        Post,
        "/self-assessment/answer",
        "Самооценка",
        OwnPlan,
        plan::own::answer,
    )
    .audit(Audit::None),
    Entry::new(
        Post,
        "/self-assessment/finish",
        "Самооценка",
        OwnPlan,
        plan::own::finish,
    ),
    Entry::new(Get, "/record", "Моё участие", OwnPlan, registers::record::show).in_menu(Group::Own),
    Entry::new(Get, "/courses", "Каталог курсов", OwnPlan, courses::catalogue::all).in_menu(Group::Own),
    Entry::new(
        Get,
        "/courses/{programme}",
        "Карточка курса",
        OwnPlan,
        courses::catalogue::one,
    )
    .ids(&[Place::Path("programme")]),
    Entry::new(
        Get,
        "/courses/{programme}/apply",
        "Заявка на курс",
        OwnPlan,
        courses::apply::check,
    )
    .ids(&[Place::Path("programme")]),
    Entry::new(
        Post,
        "/courses/{programme}/apply",
        "Заявка на курс",
        OwnPlan,
        courses::apply::send,
    )
    .ids(&[Place::Path("programme")]),
    Entry::new(
        Get,
        "/courses/{programme}/applied",
        "Заявка",
        OwnPlan,
        courses::apply::applied,
    )
    .ids(&[Place::Path("programme")]),
    Entry::new(
        Get,
        "/my-applications",
        "Мои заявки",
        OwnPlan,
        courses::apply::own_applications,
    )
    .in_menu(Group::Own),
    Entry::new(
        Get,
        "/viewed",
        "Кто смотрел мой профиль",
        OwnPlan,
        journal::viewed::show,
    )
    .in_menu(Group::Own),
    Entry::new(Get, "/review", "На проверке", Support, plan::review::queue)
        .audit(Audit::List)
        .in_menu(Group::Plans),
    Entry::new(
        Get,
        "/review/file",
        "На проверке: файл",
        Support,
        plan::review_file::take,
    )
    .audit(Audit::List)
    .long(),
    Entry::new(Post, "/review", "На проверке", Support, plan::review::mark)
        .ids(&[Place::Form("plan"), Place::Form("item")])
        .shows(Audit::List),
    Entry::new(
        Post,
        "/review/check",
        "Зачесть отмеченные",
        Support,
        plan::review_bulk::check,
    )
    .ids(&[Place::Form("step")])
    .shows(Audit::List),
    Entry::new(
        Post,
        "/review/all",
        "Зачесть отмеченные",
        Support,
        plan::review_bulk::all,
    )
    .ids(&[Place::Form("step")])
    .shows(Audit::List),
    Entry::new(
        Get,
        "/review/done/{key}",
        "Итог проверки",
        Support,
        plan::review_bulk::done,
    )
    .ids(&[Place::Path("key")])
    .audit(Audit::List),
    Entry::new(Get, "/sheets", "Ведомости", Support, plan::sheet::list),
    Entry::new(Post, "/sheets", "Ведомости", Support, plan::sheet::print),
    Entry::new(Get, "/sheets/{sheet}", "Ведомость", Support, plan::sheet::show)
        .ids(&[Place::Path("sheet")])
        .audit(Audit::List),
    Entry::new(
        Get,
        "/sheets/{sheet}/back",
        "Отметки из ведомости",
        Support,
        plan::sheet_back::show,
    )
    .ids(&[Place::Path("sheet")])
    .audit(Audit::List),
    Entry::new(
        Post,
        "/sheets/{sheet}/back",
        "Отметки из ведомости",
        Support,
        plan::sheet_back::take,
    )
    .ids(&[Place::Path("sheet")])
    .shows(Audit::List),
    Entry::new(
        Post,
        "/sheets/{sheet}/file",
        "Отметки из ведомости",
        Support,
        plan::sheet_file::take,
    )
    .ids(&[Place::Path("sheet")])
    .cost(Cost::Upload)
    .shows(Audit::List),
    Entry::new(Get, "/people", "Мои педагоги", Support, plan::support::people)
        .audit(Audit::List)
        .in_menu(Group::Plans),
    Entry::new(Get, "/people/file", "Мои педагоги: файл", Support, plan::support::file)
        .audit(Audit::List)
        .long(),
    Entry::new(
        Post,
        "/people/send",
        "Отправить маршруты",
        Support,
        plan::sending::check_supported,
    )
    .ids(&[Place::Form("plan")])
    .shows(Audit::List),
    Entry::new(
        Post,
        "/people/send/all",
        "Отправить маршруты",
        Support,
        plan::sending::all_supported,
    )
    .ids(&[Place::Form("plan")])
    .shows(Audit::List),
    Entry::new(
        Get,
        "/people/send/done/{key}",
        "Итог отправки",
        Support,
        plan::sending::done_supported,
    )
    .ids(&[Place::Path("key")])
    .audit(Audit::List),
    Entry::new(Get, "/practice", "После обучения", Support, plan::practice::show)
        .audit(Audit::List)
        .in_menu(Group::Plans),
    Entry::new(
        Get,
        "/practice/file",
        "После обучения: файл",
        Support,
        plan::practice::file,
    )
    .audit(Audit::List)
    .long(),
    Entry::new(
        Get,
        "/people/{plan}",
        "Карточка педагога",
        Support,
        plan::card::show_supported,
    )
    .ids(&[Place::Path("plan")])
    .audit(Audit::Person),
    Entry::new(
        Post,
        "/people/{plan}/act",
        "Карточка педагога",
        Support,
        plan::card::act_supported,
    )
    .ids(&[Place::Path("plan"), Place::Form("item")])
    .shows(Audit::Person),
    Entry::new(
        Get,
        "/people/{plan}/close",
        "Закрыть маршрут",
        Support,
        plan::closing::show_supported,
    )
    .ids(&[Place::Path("plan")])
    .audit(Audit::Person),
    Entry::new(
        Post,
        "/people/{plan}/close",
        "Закрыть маршрут",
        Support,
        plan::closing::close_supported,
    )
    .ids(&[Place::Path("plan")])
    .shows(Audit::Person),
    Entry::new(
        Get,
        "/people/{plan}/revisions",
        "Редакции маршрута",
        Support,
        plan::revisions::show_supported,
    )
    .ids(&[Place::Path("plan")])
    .audit(Audit::Person),
    Entry::new(
        Get,
        "/people/{plan}/notes",
        "Записи и встречи",
        Support,
        plan::notes::show,
    )
    .ids(&[Place::Path("plan")])
    .audit(Audit::Person),
    Entry::new(
        Get,
        "/people/{plan}/paper",
        "Документы маршрута",
        Support,
        plan::paper::show_supported,
    )
    .ids(&[Place::Path("plan")])
    .audit(Audit::Person),
    Entry::new(
        Post,
        "/people/{plan}/notes",
        "Записи и встречи",
        Support,
        plan::notes::act,
    )
    .ids(&[Place::Path("plan"), Place::Form("note")])
    .shows(Audit::Person),
    Entry::new(
        Get,
        "/people/{plan}/proposal",
        "Шаблон маршрута",
        Support,
        plan::proposal::show_supported,
    )
    .ids(&[Place::Path("plan")])
    .audit(Audit::Person),
    Entry::new(
        Post,
        "/people/{plan}/proposal",
        "Шаблон маршрута",
        Support,
        plan::proposal::save_supported,
    )
    .ids(&[Place::Path("plan")])
    .shows(Audit::Person),
    Entry::new(
        Get,
        "/people/{plan}/edit",
        "Изменить маршрут",
        Support,
        plan::edit::show_supported,
    )
    .ids(&[Place::Path("plan")])
    .audit(Audit::Person),
    Entry::new(
        Post,
        "/people/{plan}/edit",
        "Изменить маршрут",
        Support,
        plan::edit::save_supported,
    )
    .ids(&[Place::Path("plan")])
    .shows(Audit::Person)
    .cost(Cost::Text),
    Entry::new(Get, "/diagnostics", "Диагностики", Diagnostics, diagnostics::list::list).in_menu(Group::Plans),
    Entry::new(
        Get,
        "/diagnostics/procedure",
        "Диагностика",
        Diagnostics,
        diagnostics::list::one,
    )
    .ids(&[Place::Query("code")]),
    Entry::new(
        Get,
        "/diagnostics/new",
        "Новая диагностика",
        Diagnostics,
        diagnostics::edit::new,
    ),
    Entry::new(
        Post,
        "/diagnostics/new",
        "Новая диагностика",
        Diagnostics,
        diagnostics::edit::make,
    ),
    Entry::new(
        Get,
        "/diagnostics/edit",
        "Изменить диагностику",
        Diagnostics,
        diagnostics::edit::show,
    )
    .ids(&[Place::Query("code")]),
    Entry::new(
        Post,
        "/diagnostics/edit",
        "Изменить диагностику",
        Diagnostics,
        diagnostics::edit::act,
    )
    .ids(&[Place::Query("code")]),
    Entry::new(
        Get,
        "/diagnostics/tools",
        "Платформы диагностики",
        Diagnostics,
        diagnostics::tools::all,
    ),
    Entry::new(
        Get,
        "/diagnostics/tool",
        "Платформа диагностики",
        Diagnostics,
        diagnostics::tools::show,
    )
    .ids(&[Place::Query("name")]),
    Entry::new(
        Post,
        "/diagnostics/tool",
        "Платформа диагностики",
        Diagnostics,
        diagnostics::tools::act,
    )
    .ids(&[Place::Query("name")])
    .cost(Cost::Text),
    Entry::new(
        Get,
        "/diagnostics/scales",
        "Шкалы уровней",
        Diagnostics,
        diagnostics::scales::all,
    ),
    Entry::new(
        Post,
        "/diagnostics/scales",
        "Шкалы уровней",
        Diagnostics,
        diagnostics::scales::add,
    ),
    Entry::new(
        Post,
        "/diagnostics/scale",
        "Шкалы уровней",
        Diagnostics,
        diagnostics::scales::withdraw,
    )
    .ids(&[Place::Query("code")]),
    Entry::new(
        Get,
        "/diagnostics/rescale",
        "Другая шкала уровней",
        Diagnostics,
        diagnostics::rescale::show,
    )
    .ids(&[Place::Query("code")]),
    Entry::new(
        Post,
        "/diagnostics/rescale",
        "Другая шкала уровней",
        Diagnostics,
        diagnostics::rescale::act,
    )
    .ids(&[Place::Query("code")]),
    Entry::new(
        Get,
        "/diagnostics/people",
        "Участники диагностики",
        Invitations,
        diagnostics::people::show,
    )
    .ids(&[Place::Query("code")])
    .audit(Audit::List),
    Entry::new(
        Post,
        "/diagnostics/people",
        "Участники диагностики",
        Invitations,
        diagnostics::people::act,
    )
    .ids(&[Place::Query("code"), Place::Form("id")])
    .shows(Audit::List),
    Entry::new(
        Get,
        "/diagnostics/next",
        "Кому нужна следующая диагностика",
        Plans,
        diagnostics::next::all,
    )
    .ids(&[Place::Query("unit")])
    .audit(Audit::List),
    Entry::new(
        Get,
        "/diagnostics/next/file",
        "Кому нужна следующая диагностика: файл",
        Plans,
        diagnostics::next::file,
    )
    .ids(&[Place::Query("unit")])
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/diagnostics/next/file",
        "Кому нужна следующая диагностика: файл",
        BulkExport,
        diagnostics::next::file,
    )
    .ids(&[Place::Query("unit")])
    .long(),
    Entry::new(Get, "/drafting", "Подготовка маршрутов", Drafting, plan::drafting::show)
        .ids(&[Place::Query("procedure"), Place::Query("unit")])
        .audit(Audit::List)
        .in_menu(Group::Plans),
    Entry::new(
        Post,
        "/drafting",
        "Подготовка маршрутов",
        Drafting,
        plan::drafting::draft,
    )
    .ids(&[Place::Form("procedure"), Place::Form("unit")])
    .shows(Audit::List),
    Entry::new(
        Get,
        "/composed",
        "Составленные маршруты",
        Composed,
        plan::composed::list,
    )
    .audit(Audit::List)
    .in_menu(Group::Plans),
    Entry::new(
        Post,
        "/composed/send",
        "Отправить маршруты",
        Composed,
        plan::sending::check_composed,
    )
    .ids(&[Place::Form("plan")])
    .shows(Audit::List),
    Entry::new(
        Post,
        "/composed/send/all",
        "Отправить маршруты",
        Composed,
        plan::sending::all_composed,
    )
    .ids(&[Place::Form("plan")])
    .shows(Audit::List),
    Entry::new(
        Get,
        "/composed/send/done/{key}",
        "Итог отправки",
        Composed,
        plan::sending::done_composed,
    )
    .ids(&[Place::Path("key")])
    .audit(Audit::List),
    Entry::new(
        Get,
        "/composed/{plan}",
        "Составленный маршрут",
        Composed,
        plan::card::show_composed,
    )
    .ids(&[Place::Path("plan")])
    .audit(Audit::Person),
    Entry::new(
        Post,
        "/composed/{plan}/act",
        "Составленный маршрут",
        Composed,
        plan::card::act_composed,
    )
    .ids(&[Place::Path("plan"), Place::Form("item")])
    .shows(Audit::Person),
    Entry::new(
        Get,
        "/composed/{plan}/revisions",
        "Редакции маршрута",
        Composed,
        plan::revisions::show_composed,
    )
    .ids(&[Place::Path("plan")])
    .audit(Audit::Person),
    Entry::new(
        Get,
        "/composed/{plan}/paper",
        "Документы маршрута",
        Composed,
        plan::paper::show_composed,
    )
    .ids(&[Place::Path("plan")])
    .audit(Audit::Person),
    Entry::new(
        Get,
        "/composed/{plan}/edit",
        "Изменить маршрут",
        Composed,
        plan::edit::show_composed,
    )
    .ids(&[Place::Path("plan")])
    .audit(Audit::Person),
    Entry::new(
        Post,
        "/composed/{plan}/edit",
        "Изменить маршрут",
        Composed,
        plan::edit::save_composed,
    )
    .ids(&[Place::Path("plan")])
    .shows(Audit::Person)
    .cost(Cost::Text),
    Entry::new(
        Get,
        "/composed/{plan}/close",
        "Закрыть маршрут",
        Composed,
        plan::closing::show_composed,
    )
    .ids(&[Place::Path("plan")])
    .audit(Audit::Person),
    Entry::new(
        Post,
        "/composed/{plan}/close",
        "Закрыть маршрут",
        Composed,
        plan::closing::close_composed,
    )
    .ids(&[Place::Path("plan")])
    .shows(Audit::Person),
    Entry::new(Get, "/rules", "Правила подбора", Approve, plan::rules::show),
    Entry::new(Post, "/rules", "Правила подбора", Approve, plan::rules::act)
        .ids(&[Place::Form("procedure")])
        .cost(Cost::Text)
        .shows(Audit::List),
    Entry::new(Get, "/plans", "Маршруты", Plans, plan::list::list)
        .ids(&[
            Place::Query("unit"),
            Place::Query("supporter"),
            Place::Query("procedure"),
        ])
        .audit(Audit::List)
        .in_menu(Group::Plans),
    Entry::new(Get, "/plans/file", "Маршруты: файл", Plans, plan::list::file)
        .ids(&[
            Place::Query("unit"),
            Place::Query("supporter"),
            Place::Query("procedure"),
        ])
        .audit(Audit::List)
        .long(),
    Entry::new(Post, "/plans/file", "Маршруты: файл", BulkExport, plan::list::file)
        .ids(&[
            Place::Query("unit"),
            Place::Query("supporter"),
            Place::Query("procedure"),
        ])
        .long(),
    Entry::new(
        Post,
        "/plans/approve",
        "Утвердить маршруты",
        Approve,
        plan::approving::check,
    )
    .ids(&[Place::Form("plan")])
    .shows(Audit::List),
    Entry::new(
        Post,
        "/plans/approve/all",
        "Утвердить маршруты",
        Approve,
        plan::approving::all,
    )
    .ids(&[Place::Form("plan")]),
    Entry::new(
        Get,
        "/plans/approve/done/{key}",
        "Итог утверждения",
        Approve,
        plan::approving::done,
    )
    .ids(&[Place::Path("key")])
    .audit(Audit::List),
    Entry::new(Get, "/plans/kpi", "Ход маршрутов", Plans, plan::kpi::show)
        .ids(&[Place::Query("unit"), Place::Query("procedure")])
        .audit(Audit::List),
    Entry::new(
        Post,
        "/plans/send",
        "Отправить маршруты",
        Plans,
        plan::sending::check_plans,
    )
    .ids(&[Place::Form("plan")])
    .shows(Audit::List),
    Entry::new(
        Post,
        "/plans/send/all",
        "Отправить маршруты",
        Plans,
        plan::sending::all_plans,
    )
    .ids(&[Place::Form("plan")])
    .shows(Audit::List),
    Entry::new(
        Get,
        "/plans/send/done/{key}",
        "Итог отправки",
        Plans,
        plan::sending::done_plans,
    )
    .ids(&[Place::Path("key")])
    .audit(Audit::List),
    Entry::new(Get, "/plans/{plan}", "Маршрут", Plans, plan::card::show_plan)
        .ids(&[Place::Path("plan")])
        .audit(Audit::Person),
    Entry::new(Post, "/plans/{plan}/act", "Маршрут", Plans, plan::card::act_plan)
        .ids(&[Place::Path("plan"), Place::Form("item")])
        .shows(Audit::Person),
    Entry::new(
        Get,
        "/plans/{plan}/revisions",
        "Редакции маршрута",
        Plans,
        plan::revisions::show_plan,
    )
    .ids(&[Place::Path("plan")])
    .audit(Audit::Person),
    Entry::new(
        Get,
        "/plans/{plan}/paper",
        "Документы маршрута",
        Plans,
        plan::paper::show_plan,
    )
    .ids(&[Place::Path("plan")])
    .audit(Audit::Person),
    Entry::new(
        Post,
        "/plans/{plan}/signature",
        "Подпись документа",
        Plans,
        plan::signature::bring,
    )
    .ids(&[Place::Path("plan")])
    .shows(Audit::Person)
    .cost(Cost::Upload),
    Entry::new(Get, "/iom-templates", "Шаблоны маршрутов", Plans, plan::templates::list).in_menu(Group::Plans),
    Entry::new(
        Get,
        "/iom-templates/one",
        "Шаблон маршрутов",
        Plans,
        plan::templates::one,
    )
    .ids(&[Place::Query("template")]),
    Entry::new(
        Get,
        "/iom-templates/edit",
        "Изменить шаблон",
        Plans,
        plan::template_edit::show,
    )
    .ids(&[Place::Query("template")]),
    Entry::new(
        Post,
        "/iom-templates/edit",
        "Изменить шаблон",
        Plans,
        plan::template_edit::save,
    )
    .ids(&[Place::Query("template")])
    .cost(Cost::Text),
    Entry::new(Get, "/proposals", "Предложения шаблонов", Plans, plan::proposals::list)
        .ids(&[Place::Query("template")])
        .audit(Audit::List),
    Entry::new(
        Post,
        "/proposals/check",
        "Предложения шаблонов",
        Plans,
        plan::proposals_bulk::check,
    )
    .ids(&[Place::Form("proposal")])
    .shows(Audit::List),
    Entry::new(
        Post,
        "/proposals/all",
        "Предложения шаблонов",
        Plans,
        plan::proposals_bulk::all,
    )
    .ids(&[Place::Form("proposal")])
    .shows(Audit::List),
    Entry::new(
        Get,
        "/proposals/done/{key}",
        "Итог предложений",
        Plans,
        plan::proposals_bulk::done,
    )
    .ids(&[Place::Path("key")])
    .audit(Audit::List),
    Entry::new(
        Get,
        "/plans/{plan}/proposal",
        "Шаблон маршрута",
        Plans,
        plan::proposal::show_plan,
    )
    .ids(&[Place::Path("plan")])
    .audit(Audit::Person),
    Entry::new(
        Post,
        "/plans/{plan}/proposal",
        "Шаблон маршрута",
        Plans,
        plan::proposal::save_plan,
    )
    .ids(&[Place::Path("plan")])
    .shows(Audit::Person),
    Entry::new(Get, "/signers", "Подписи и блоки", Approve, plan::signers::show).in_menu(Group::Plans),
    Entry::new(Post, "/signers", "Подписи и блоки", Approve, plan::signers::act),
    Entry::new(
        Get,
        "/plans/{plan}/edit",
        "Изменить маршрут",
        Plans,
        plan::edit::show_plan,
    )
    .ids(&[Place::Path("plan")])
    .audit(Audit::Person),
    Entry::new(
        Post,
        "/plans/{plan}/edit",
        "Изменить маршрут",
        Plans,
        plan::edit::save_plan,
    )
    .ids(&[Place::Path("plan")])
    .shows(Audit::Person)
    .cost(Cost::Text),
    Entry::new(Get, "/supporters", "Тьюторы", Supporters, plan::supporters::list)
        .audit(Audit::List)
        .in_menu(Group::Plans),
    Entry::new(
        Get,
        "/supporters/file",
        "Тьюторы: файл",
        Supporters,
        plan::supporters::file,
    )
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/supporters/file",
        "Тьюторы: файл",
        BulkExport,
        plan::supporters::file,
    )
    .long(),
    Entry::new(
        Get,
        "/supporters/assign",
        "Назначить сопровождающих",
        Supporters,
        plan::supporters::preview,
    )
    .ids(&[Place::Query("unit")]),
    Entry::new(
        Post,
        "/supporters/assign",
        "Назначить сопровождающих",
        Supporters,
        plan::supporters::assign,
    )
    .ids(&[Place::Form("unit")]),
    Entry::new(
        Get,
        "/supporters/capacity",
        "Нагрузка сопровождающего",
        Supporters,
        plan::capacity::show,
    )
    .ids(&[Place::Query("supporter")])
    .audit(Audit::List),
    Entry::new(
        Post,
        "/supporters/capacity",
        "Нагрузка сопровождающего",
        Supporters,
        plan::capacity::set,
    )
    .ids(&[Place::Query("supporter")])
    .shows(Audit::List),
    Entry::new(
        Get,
        "/supporters/hand-over",
        "Передать маршруты",
        Supporters,
        plan::handing::preview,
    )
    .ids(&[Place::Query("supporter"), Place::Query("to")])
    .audit(Audit::List),
    Entry::new(
        Post,
        "/supporters/hand-over",
        "Передать маршруты",
        Supporters,
        plan::handing::act,
    )
    .ids(&[Place::Form("supporter"), Place::Form("to")])
    .shows(Audit::List),
    Entry::new(Get, "/staff", "Педагоги", Staff, school::staff::people)
        .ids(&[Place::Query("unit")])
        .audit(Audit::List)
        .in_menu(Group::Staff),
    Entry::new(Get, "/staff/file", "Педагоги: файл", Staff, school::staff::file)
        .ids(&[Place::Query("unit")])
        .audit(Audit::List)
        .long(),
    Entry::new(
        Get,
        "/staff/next",
        "Кому нужна следующая диагностика",
        Staff,
        diagnostics::next::staff,
    )
    .audit(Audit::List),
    Entry::new(
        Get,
        "/staff/procedures",
        "Заявить на диагностику",
        Staff,
        school::procedures::all,
    )
    .audit(Audit::List),
    Entry::new(
        Get,
        "/staff/procedure",
        "Заявить педагогов на диагностику",
        Staff,
        school::procedures::one,
    )
    .ids(&[Place::Query("code")])
    .audit(Audit::List),
    Entry::new(
        Post,
        "/staff/procedure",
        "Заявить педагогов на диагностику",
        Staff,
        school::procedures::act,
    )
    .ids(&[Place::Query("code"), Place::Form("id")])
    .shows(Audit::List),
    Entry::new(Get, "/staff/{person}", "Педагог", Staff, school::staff_person::show)
        .ids(&[Place::Path("person")])
        .audit(Audit::Person),
    Entry::new(Get, "/events", "Мероприятия", Registers, registers::events::all)
        .ids(&[Place::Query("unit")])
        .in_menu(Group::Registers),
    Entry::new(Post, "/events", "Мероприятия", Registers, registers::events::add),
    Entry::new(
        Get,
        "/editable/events",
        "Мероприятия: правка в таблице",
        Registers,
        registers::events::editable,
    )
    .ids(&[Place::Query("unit")]),
    Entry::new(Get, "/events/{event}", "Мероприятие", Registers, registers::event::show)
        .ids(&[Place::Path("event")])
        .audit(Audit::List),
    Entry::new(Post, "/events/{event}", "Мероприятие", Registers, registers::event::act)
        .ids(&[Place::Path("event")])
        .shows(Audit::List),
    Entry::new(
        Get,
        "/events/{event}/people",
        "Участники мероприятия",
        Registers,
        registers::event_people::choose,
    )
    .ids(&[Place::Path("event")])
    .audit(Audit::List),
    Entry::new(
        Post,
        "/events/{event}/people",
        "Участники мероприятия",
        Registers,
        registers::event_people::add,
    )
    .ids(&[Place::Path("event"), Place::Form("id")])
    .shows(Audit::List),
    Entry::new(
        Get,
        "/activities",
        "Участие педагогов",
        Registers,
        registers::activities::all,
    )
    .ids(&[Place::Query("unit")])
    .audit(Audit::List)
    .in_menu(Group::Registers),
    Entry::new(
        Post,
        "/activities",
        "Участие педагогов",
        Registers,
        registers::activities::act,
    )
    .ids(&[Place::Form("record")])
    .shows(Audit::List),
    Entry::new(
        Get,
        "/activities/file",
        "Участие педагогов: файл",
        Registers,
        registers::activities::file,
    )
    .ids(&[Place::Query("unit")])
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/activities/file",
        "Участие педагогов: файл",
        BulkExport,
        registers::activities::file,
    )
    .ids(&[Place::Query("unit")])
    .long(),
    Entry::new(Get, "/votes", "Голосование коллег", Votes, votes::list::all)
        .audit(Audit::List)
        .in_menu(Group::Registers),
    Entry::new(Get, "/votes/new", "Новое голосование", Votes, votes::opening::show),
    Entry::new(Post, "/votes/new", "Новое голосование", Votes, votes::opening::act).ids(&[Place::Form("unit")]),
    Entry::new(Get, "/votes/{vote}", "Итоги голосования", Votes, votes::one::show)
        .ids(&[Place::Path("vote")])
        .audit(Audit::List),
    Entry::new(Post, "/votes/{vote}", "Итоги голосования", Votes, votes::one::act)
        .ids(&[Place::Path("vote")])
        .shows(Audit::List),
    Entry::new(Get, "/bodies", "Объединения", Registers, registers::bodies::all)
        .ids(&[Place::Query("unit")])
        .in_menu(Group::Registers),
    Entry::new(Post, "/bodies", "Объединения", Registers, registers::bodies::add),
    Entry::new(
        Get,
        "/bodies/packs",
        "Объединения методики",
        Indicators,
        packs::bodies::show,
    ),
    Entry::new(
        Post,
        "/bodies/packs",
        "Объединения методики",
        Indicators,
        packs::bodies::make,
    ),
    Entry::new(
        Get,
        "/editable/bodies",
        "Объединения: правка в таблице",
        Registers,
        registers::bodies::editable,
    )
    .ids(&[Place::Query("unit")]),
    Entry::new(Get, "/bodies/{body}", "Объединение", Registers, registers::body::show)
        .ids(&[Place::Path("body")])
        .audit(Audit::List),
    Entry::new(Post, "/bodies/{body}", "Объединение", Registers, registers::body::act)
        .ids(&[Place::Path("body"), Place::Form("person")])
        .shows(Audit::List),
    Entry::new(Get, "/undertakings", "Проекты", Registers, registers::undertakings::all)
        .ids(&[Place::Query("unit")])
        .in_menu(Group::Registers),
    Entry::new(
        Post,
        "/undertakings",
        "Проекты",
        Registers,
        registers::undertakings::add,
    ),
    Entry::new(
        Get,
        "/editable/undertakings",
        "Проекты: правка в таблице",
        Registers,
        registers::undertakings::editable,
    )
    .ids(&[Place::Query("unit")]),
    Entry::new(
        Get,
        "/undertakings/{undertaking}",
        "Проект",
        Registers,
        registers::undertaking::show,
    )
    .ids(&[Place::Path("undertaking")])
    .audit(Audit::List),
    Entry::new(
        Post,
        "/undertakings/{undertaking}",
        "Проект",
        Registers,
        registers::undertaking::act,
    )
    .ids(&[Place::Path("undertaking"), Place::Form("person")])
    .shows(Audit::List),
    Entry::new(
        Get,
        "/publications",
        "Публикации",
        Registers,
        registers::publications::all,
    )
    .ids(&[Place::Query("unit")])
    .audit(Audit::List)
    .in_menu(Group::Registers),
    Entry::new(
        Post,
        "/publications",
        "Публикации",
        Registers,
        registers::publications::add,
    )
    .shows(Audit::List),
    Entry::new(
        Get,
        "/publications/file",
        "Публикации: файл",
        Registers,
        registers::publications::file,
    )
    .ids(&[Place::Query("unit")])
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/publications/file",
        "Публикации: файл",
        BulkExport,
        registers::publications::file,
    )
    .ids(&[Place::Query("unit")])
    .long(),
    Entry::new(
        Get,
        "/editable/publications",
        "Публикации: правка в таблице",
        Registers,
        registers::publications::editable,
    )
    .ids(&[Place::Query("unit")])
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/editable/publications",
        "Публикации: правка в таблице",
        BulkExport,
        registers::publications::editable,
    )
    .ids(&[Place::Query("unit")])
    .long(),
    Entry::new(
        Get,
        "/publications/{publication}",
        "Публикация",
        Registers,
        registers::publication::show,
    )
    .ids(&[Place::Path("publication")])
    .audit(Audit::List),
    Entry::new(
        Post,
        "/publications/{publication}",
        "Публикация",
        Registers,
        registers::publication::act,
    )
    .ids(&[Place::Path("publication")])
    .shows(Audit::List),
    Entry::new(Get, "/experts", "Реестр экспертов", Registers, registers::experts::all).audit(Audit::List),
    Entry::new(
        Get,
        "/experts/file",
        "Реестр экспертов: файл",
        Registers,
        registers::experts::file,
    )
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/experts/file",
        "Реестр экспертов: файл",
        BulkExport,
        registers::experts::file,
    )
    .long(),
    Entry::new(Get, "/reserve", "Кадровый резерв", Indicators, registers::reserve::all)
        .audit(Audit::List)
        .in_menu(Group::Staff),
    Entry::new(
        Get,
        "/reserve/file",
        "Кадровый резерв: файл",
        Indicators,
        registers::reserve::file,
    )
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/reserve/file",
        "Кадровый резерв: файл",
        BulkExport,
        registers::reserve::file,
    )
    .long(),
    Entry::new(Post, "/reserve", "Кадровый резерв", Indicators, registers::reserve::act)
        .ids(&[Place::Form("person")])
        .shows(Audit::List),
    Entry::new(Get, "/pairs", "Наставничество", Registers, registers::pairs::all)
        .audit(Audit::List)
        .in_menu(Group::Registers),
    Entry::new(Post, "/pairs", "Наставничество", Registers, registers::pairs::add)
        .ids(&[Place::Form("mentor-id"), Place::Form("mentee-id")])
        .shows(Audit::List),
    Entry::new(
        Get,
        "/pairs/file",
        "Наставничество: файл",
        Registers,
        registers::pairs::file,
    )
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/pairs/file",
        "Наставничество: файл",
        BulkExport,
        registers::pairs::file,
    )
    .long(),
    Entry::new(
        Get,
        "/editable/pairs",
        "Наставничество: правка в таблице",
        Registers,
        registers::pairs::editable,
    )
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/editable/pairs",
        "Наставничество: правка в таблице",
        BulkExport,
        registers::pairs::editable,
    )
    .long(),
    Entry::new(Get, "/mentors", "База наставников", Registers, registers::mentors::all)
        .audit(Audit::List)
        .in_menu(Group::Registers),
    Entry::new(
        Get,
        "/mentors/file",
        "База наставников: файл",
        Registers,
        registers::mentors::file,
    )
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/mentors/file",
        "База наставников: файл",
        BulkExport,
        registers::mentors::file,
    )
    .long(),
    Entry::new(
        Get,
        "/editable/mentors",
        "База наставников: правка в таблице",
        Registers,
        registers::mentors::editable,
    )
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/editable/mentors",
        "База наставников: правка в таблице",
        BulkExport,
        registers::mentors::editable,
    )
    .long(),
    Entry::new(
        Get,
        "/pairs/{pair}",
        "Наставническая пара",
        Registers,
        registers::pair::show,
    )
    .ids(&[Place::Path("pair")])
    .audit(Audit::List),
    Entry::new(
        Post,
        "/pairs/{pair}",
        "Наставническая пара",
        Registers,
        registers::pair::act,
    )
    .ids(&[Place::Path("pair")])
    .shows(Audit::List),
    Entry::new(Get, "/accounts", "Учётные записи", Accounts, accounts::school::show)
        .ids(&[Place::Query("unit")])
        .audit(Audit::List)
        .in_menu(Group::Access),
    Entry::new(
        Get,
        "/accounts/file",
        "Учётные записи: файл",
        Accounts,
        accounts::school::file,
    )
    .ids(&[Place::Query("unit")])
    .audit(Audit::List)
    .long(),
    Entry::new(
        Get,
        "/accounts/check",
        "Создать учётные записи",
        Accounts,
        accounts::sheets::check,
    )
    .ids(&[Place::Query("id")])
    .audit(Audit::List),
    Entry::new(Post, "/accounts/sheets", "Листки", Accounts, accounts::sheets::issue)
        .ids(&[Place::Form("new"), Place::Form("again")])
        .shows(Audit::List),
    Entry::new(
        Get,
        "/accounts/done/{sheets}",
        "Листки уже показаны",
        Accounts,
        accounts::sheets::done,
    )
    .ids(&[Place::Path("sheets")])
    .audit(Audit::List),
    Entry::new(
        Post,
        "/accounts/invite",
        "Приглашение",
        Accounts,
        accounts::invite::send,
    )
    .ids(&[Place::Form("id")])
    .shows(Audit::List),
    Entry::new(
        Get,
        "/applications",
        "Заявки на согласование",
        Applications,
        courses::applications::show,
    )
    .audit(Audit::List)
    .in_menu(Group::Plans),
    Entry::new(
        Get,
        "/applications/file",
        "Заявки на согласование: файл",
        Applications,
        courses::applications_file::take,
    )
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/applications",
        "Заявки на согласование",
        Applications,
        courses::applications::decide,
    )
    .ids(&[Place::Form("id")])
    .shows(Audit::List),
    Entry::new(
        Get,
        "/applications/check",
        "Согласовать заявки",
        Applications,
        courses::applications_bulk::check,
    )
    .ids(&[Place::Query("id")])
    .audit(Audit::List),
    Entry::new(
        Post,
        "/applications/bulk",
        "Согласовать заявки",
        Applications,
        courses::applications_bulk::bulk,
    )
    .ids(&[Place::Form("id")])
    .shows(Audit::List),
    Entry::new(
        Get,
        "/applications/done/{key}",
        "Заявки согласованы",
        Applications,
        courses::applications_bulk::done,
    )
    .ids(&[Place::Path("key")])
    .audit(Audit::List),
    Entry::new(Get, "/schools", "Школы", Schools, school::schools::all).in_menu(Group::Figures),
    Entry::new(Get, "/coverage", "Охват", Coverage, school::coverage::show)
        .ids(&[Place::Query("unit")])
        .in_menu(Group::Figures),
    Entry::new(Get, "/needs", "Карта дефицитов", Coverage, school::needs::show),
    Entry::new(Get, "/indicators", "Показатели", Aggregates, indicators::figures::all)
        .ids(&[Place::Query("unit")])
        .in_menu(Group::Figures),
    Entry::new(
        Get,
        "/indicators/map",
        "Тепловая карта",
        Aggregates,
        indicators::map::show,
    )
    .ids(&[Place::Query("unit")]),
    Entry::new(
        Get,
        "/indicators/levels",
        "Уровни и списки",
        Aggregates,
        indicators::levels::show,
    )
    .ids(&[Place::Query("unit")]),
    Entry::new(
        Get,
        "/indicators/compare",
        "Сравнение",
        Aggregates,
        indicators::compare::show,
    )
    .ids(&[Place::Query("unit"), Place::Query("with")]),
    Entry::new(
        Get,
        "/indicators/clusters",
        "Кластеры",
        Aggregates,
        indicators::clusters::show,
    )
    .ids(&[Place::Query("unit"), Place::Query("of")]),
    Entry::new(
        Get,
        "/indicators/crossing",
        "Два показателя",
        Aggregates,
        indicators::crossing::show,
    )
    .ids(&[Place::Query("unit")]),
    Entry::new(Get, "/tables", "Сводные таблицы", Aggregates, summaries::list::all).in_menu(Group::Figures),
    Entry::new(
        Get,
        "/tables/{pack}/{code}",
        "Сводная таблица",
        Aggregates,
        summaries::one::show,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")]),
    Entry::new(
        Get,
        "/platform-use",
        "Работа на платформе",
        Aggregates,
        school::platform_use::all,
    )
    .in_menu(Group::Figures),
    Entry::new(Get, "/vacancies", "Вакансии", Workforce, workforce::vacancies::all)
        .ids(&[Place::Query("unit")])
        .in_menu(Group::Staff),
    Entry::new(
        Get,
        "/editable/vacancies",
        "Вакансии: правка в таблице",
        Workforce,
        workforce::vacancies::editable,
    )
    .ids(&[Place::Query("unit")]),
    Entry::new(
        Get,
        "/vacancies/{vacancy}",
        "Вакансия",
        Workforce,
        workforce::vacancy::show,
    )
    .ids(&[Place::Path("vacancy")]),
    Entry::new(
        Post,
        "/vacancies/{vacancy}",
        "Вакансия",
        Workforce,
        workforce::vacancy::act,
    )
    .ids(&[Place::Path("vacancy")]),
    Entry::new(Get, "/workforce", "Кадровый состав", Workforce, workforce::page::show)
        .ids(&[Place::Query("unit")])
        .in_menu(Group::Staff),
    Entry::new(
        Get,
        "/workforce/file",
        "Кадровый состав: файл",
        Workforce,
        workforce::page::file,
    )
    .ids(&[Place::Query("unit")]),
    Entry::new(
        Get,
        "/workforce/people",
        "Кадровый состав: люди",
        WorkforcePeople,
        workforce::people::people,
    )
    .ids(&[Place::Query("unit")])
    .audit(Audit::List),
    Entry::new(
        Get,
        "/workforce/people/file",
        "Кадровый состав: файл людей",
        WorkforcePeople,
        workforce::people::file,
    )
    .ids(&[Place::Query("unit")])
    .audit(Audit::List),
    Entry::new(
        Post,
        "/workforce/people/file",
        "Кадровый состав: файл людей",
        BulkExport,
        workforce::people::file,
    )
    .ids(&[Place::Query("unit")]),
    Entry::new(
        Get,
        "/retention",
        "Закрепление молодых",
        Workforce,
        workforce::retention::show,
    )
    .ids(&[Place::Query("unit")])
    .in_menu(Group::Staff),
    Entry::new(
        Get,
        "/retention/people",
        "Закрепление молодых: люди",
        WorkforcePeople,
        workforce::retention::people,
    )
    .ids(&[Place::Query("unit")])
    .audit(Audit::List),
    Entry::new(
        Get,
        "/retention/people/file",
        "Закрепление молодых: файл людей",
        WorkforcePeople,
        workforce::retention::file,
    )
    .ids(&[Place::Query("unit")])
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/retention/people/file",
        "Закрепление молодых: файл людей",
        BulkExport,
        workforce::retention::file,
    )
    .ids(&[Place::Query("unit")])
    .long(),
    Entry::new(Get, "/beginners", "Начинающие", Workforce, workforce::beginners::show)
        .ids(&[Place::Query("unit")])
        .in_menu(Group::Staff),
    Entry::new(
        Get,
        "/beginners/people",
        "Начинающие: люди",
        WorkforcePeople,
        workforce::beginners::people,
    )
    .ids(&[Place::Query("unit")])
    .audit(Audit::List),
    Entry::new(
        Get,
        "/beginners/people/file",
        "Начинающие: файл людей",
        WorkforcePeople,
        workforce::beginners::file,
    )
    .ids(&[Place::Query("unit")])
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/beginners/people/file",
        "Начинающие: файл людей",
        BulkExport,
        workforce::beginners::file,
    )
    .ids(&[Place::Query("unit")])
    .long(),
    Entry::new(
        Get,
        "/indicators/{pack}/{code}",
        "Показатель",
        Aggregates,
        indicators::one::one,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")]),
    Entry::new(
        Get,
        "/indicators/{pack}/{code}/passport",
        "Паспорт показателя",
        Aggregates,
        indicators::passport::show,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")]),
    Entry::new(
        Get,
        "/indicators/{pack}/{code}/parts",
        "Показатель в разрезе",
        Indicators,
        indicators::parts::show,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")]),
    Entry::new(
        Get,
        "/indicators/{pack}/{code}/series",
        "Динамика",
        Aggregates,
        indicators::series::show,
    )
    .ids(&[
        Place::Path("pack"),
        Place::Path("code"),
        Place::Query("unit"),
        Place::Query("with"),
    ]),
    Entry::new(
        Get,
        "/indicators/{pack}/{code}/people",
        "Люди показателя",
        Indicators,
        indicators::people::people,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")])
    .audit(Audit::List),
    Entry::new(
        Get,
        "/indicators/{pack}/{code}/people/file",
        "Люди показателя: файл",
        Indicators,
        indicators::people::file,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")])
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/indicators/{pack}/{code}/people/file",
        "Люди показателя: файл",
        BulkExport,
        indicators::people::file,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")])
    .long(),
    Entry::new(
        Get,
        "/indicators/{pack}/{code}/change",
        "Почему изменилось",
        Indicators,
        indicators::change::change,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")]),
    Entry::new(
        Get,
        "/indicators/{pack}/{code}/change/people",
        "Почему изменилось: кто",
        Indicators,
        indicators::change::people,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")])
    .audit(Audit::List),
    Entry::new(
        Get,
        "/indicators/{pack}/{code}/change/people/file",
        "Почему изменилось: файл",
        Indicators,
        indicators::change::people_file,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")])
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/indicators/{pack}/{code}/change/people/file",
        "Почему изменилось: файл",
        BulkExport,
        indicators::change::people_file,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")])
    .long(),
    Entry::new(
        Get,
        "/indicators/{pack}/{code}/dates",
        "Две даты",
        Indicators,
        indicators::dates::dates,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")]),
    Entry::new(
        Get,
        "/indicators/{pack}/{code}/target",
        "Расстояние до цели",
        Indicators,
        indicators::target::show,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")])
    .audit(Audit::List),
    Entry::new(
        Get,
        "/indicators/{pack}/{code}/target/remind",
        "Напомнить ближайшим",
        Indicators,
        indicators::target::check,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")])
    .audit(Audit::List),
    Entry::new(
        Post,
        "/indicators/{pack}/{code}/target/remind",
        "Напомнить ближайшим",
        Indicators,
        indicators::target::remind,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")]),
    Entry::new(
        Get,
        "/heads/{pack}/{code}",
        "Сообщить руководителям",
        Inform,
        indicators::heads::show,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")])
    .audit(Audit::List),
    Entry::new(
        Post,
        "/heads/{pack}/{code}",
        "Сообщить руководителям",
        Inform,
        indicators::heads::send,
    )
    .ids(&[Place::Path("pack"), Place::Path("code"), Place::Query("unit")])
    .shows(Audit::List),
    Entry::new(Get, "/cycle", "Цикл мониторинга", Cycle, cycle::stages::show).in_menu(Group::Reports),
    Entry::new(Get, "/calendar", "Календарь", Cycle, cycle::calendar::show).in_menu(Group::Reports),
    Entry::new(Get, "/cycle/item", "Дело календаря", Cycle, cycle::item::show).ids(&[Place::Query("unit")]),
    Entry::new(Post, "/cycle/item", "Дело календаря", Cycle, cycle::item::act).ids(&[Place::Query("unit")]),
    Entry::new(Get, "/regulations", "Документы", Acts, cycle::acts::all)
        .ids(&[Place::Query("unit")])
        .in_menu_of(Group::Reports, Cycle),
    Entry::new(Post, "/regulations", "Документы", Cycle, cycle::acts::add),
    Entry::new(Get, "/regulations/{regulation}", "Документ", Acts, cycle::act::show).ids(&[Place::Path("regulation")]),
    Entry::new(Post, "/regulations/{regulation}", "Документ", Cycle, cycle::act::act).ids(&[Place::Path("regulation")]),
    Entry::new(Get, "/forms", "Сведения", Forms, forms::page::show)
        .ids(&[Place::Query("unit")])
        .in_menu(Group::Data),
    Entry::new(Post, "/forms", "Сведения", Forms, forms::page::save).ids(&[Place::Form("unit")]),
    Entry::new(Get, "/forms/links", "Ссылки сведений", FormsCheck, forms::links::all),
    Entry::new(Post, "/forms/check", "Проверка ссылки", FormsCheck, forms::links::check).ids(&[Place::Form("value")]),
    Entry::new(Get, "/editions", "Выпуски", Editions, editions::list::all).in_menu(Group::Figures),
    Entry::new(Get, "/editions/new", "Новый выпуск", Release, editions::release::new),
    Entry::new(Post, "/editions/new", "Новый выпуск", Release, editions::release::make),
    Entry::new(
        Get,
        "/editions/orders/{order}",
        "Новый выпуск",
        Release,
        editions::release::progress,
    )
    .ids(&[Place::Path("order")]),
    Entry::new(Get, "/editions/{edition}", "Выпуск", Editions, editions::one::show).ids(&[Place::Path("edition")]),
    Entry::new(
        Get,
        "/editions/{edition}/changes",
        "Что изменилось в выпуске",
        Editions,
        editions::changes::show,
    )
    .ids(&[Place::Path("edition")]),
    Entry::new(
        Get,
        "/editions/{edition}/file",
        "Файл выпуска",
        Indicators,
        editions::one::file,
    )
    .ids(&[Place::Path("edition")]),
    Entry::new(
        Get,
        "/editions/{edition}/people",
        "Люди выпущенного значения",
        Indicators,
        editions::people::show,
    )
    .ids(&[Place::Path("edition"), Place::Query("unit")])
    .audit(Audit::List),
    Entry::new(
        Get,
        "/editions/{edition}/people/file",
        "Люди выпущенного значения: файл",
        Indicators,
        editions::people::file,
    )
    .ids(&[Place::Path("edition"), Place::Query("unit")])
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/editions/{edition}/people/file",
        "Люди выпущенного значения: файл",
        BulkExport,
        editions::people::file,
    )
    .ids(&[Place::Path("edition"), Place::Query("unit")])
    .long(),
    Entry::new(
        Post,
        "/editions/{edition}/approve",
        "Выпуск",
        ReleaseApproval,
        editions::acts::approve,
    )
    .ids(&[Place::Path("edition")]),
    Entry::new(
        Post,
        "/editions/{edition}/open",
        "Выпуск",
        Release,
        editions::acts::open,
    )
    .ids(&[Place::Path("edition")]),
    Entry::new(
        Post,
        "/editions/{edition}/close",
        "Выпуск",
        Release,
        editions::acts::close,
    )
    .ids(&[Place::Path("edition")]),
    Entry::new(
        Get,
        "/released",
        "Опубликованные показатели",
        Public,
        editions::public::all,
    ),
    Entry::new(
        Get,
        "/released/{edition}",
        "Опубликованные показатели",
        Public,
        editions::public::show,
    )
    .ids(&[Place::Path("edition")]),
    Entry::new(Get, "/report", "Отчёт", Reports, reports::own::show)
        .ids(&[Place::Query("report")])
        .audit(Audit::List)
        .in_menu(Group::Reports),
    Entry::new(Post, "/report", "Отчёт", Reports, reports::own::act)
        .ids(&[Place::Form("report")])
        .shows(Audit::List),
    Entry::new(
        Get,
        "/editable/report",
        "Отчёт: правка в таблице",
        Reports,
        rounds::give::report,
    )
    .ids(&[Place::Query("report")]),
    Entry::new(Get, "/returned", "Исправленный файл", RoundTrip, rounds::bring::show),
    Entry::new(Post, "/returned", "Исправленный файл", RoundTrip, rounds::bring::bring).cost(Cost::Upload),
    Entry::new(
        Get,
        "/returned/{returned}",
        "Исправленный файл",
        RoundTrip,
        rounds::page::show,
    )
    .ids(&[Place::Path("returned")])
    .audit(Audit::List),
    Entry::new(
        Post,
        "/returned/{returned}",
        "Исправленный файл",
        RoundTrip,
        rounds::write::write,
    )
    .ids(&[Place::Path("returned")])
    .shows(Audit::List),
    Entry::new(
        Get,
        "/returned/{returned}/errors",
        "Исправленный файл: ошибки",
        RoundTrip,
        rounds::write::errors,
    )
    .ids(&[Place::Path("returned")])
    .audit(Audit::List),
    Entry::new(Get, "/reports", "Проверка отчётов", ReportsCheck, reports::check::all)
        .ids(&[Place::Query("campaign")])
        .in_menu(Group::Reports),
    Entry::new(Post, "/reports", "Проверка отчётов", ReportsCheck, reports::check::act).ids(&[Place::Form("pick")]),
    Entry::new(
        Get,
        "/reports/done/{key}",
        "Проверка отчётов",
        ReportsCheck,
        reports::check::done,
    ),
    Entry::new(
        Get,
        "/reports/{submission}",
        "Отчёт единицы",
        ReportsCheck,
        reports::one::show,
    )
    .ids(&[Place::Path("submission")]),
    Entry::new(
        Post,
        "/reports/{submission}",
        "Отчёт единицы",
        ReportsCheck,
        reports::one::act,
    )
    .ids(&[Place::Path("submission")]),
    Entry::new(Get, "/campaigns", "Кампании", Campaigns, reports::campaigns::all).in_menu(Group::Reports),
    Entry::new(
        Get,
        "/campaigns/new",
        "Новая кампания",
        Campaigns,
        reports::opening::show,
    ),
    Entry::new(
        Post,
        "/campaigns/new",
        "Новая кампания",
        Campaigns,
        reports::opening::act,
    ),
    Entry::new(
        Get,
        "/campaigns/{campaign}",
        "Кампания",
        Campaigns,
        reports::campaign::show,
    )
    .ids(&[Place::Path("campaign")]),
    Entry::new(
        Post,
        "/campaigns/{campaign}",
        "Кампания",
        Campaigns,
        reports::campaign::act,
    )
    .ids(&[Place::Path("campaign")]),
    Entry::new(
        Get,
        "/campaigns/{campaign}/remind",
        "Напомнить об отчёте",
        Campaigns,
        reports::remind::check,
    )
    .ids(&[Place::Path("campaign")])
    .audit(Audit::List),
    Entry::new(
        Post,
        "/campaigns/{campaign}/remind",
        "Напомнить об отчёте",
        Campaigns,
        reports::remind::send,
    )
    .ids(&[Place::Path("campaign")]),
    Entry::new(Get, "/surveys", "Опросы", Surveys, surveys::list::all).in_menu(Group::Reports),
    Entry::new(Get, "/surveys/new", "Новый опрос", Campaigns, surveys::opening::show),
    Entry::new(Post, "/surveys/new", "Новый опрос", Campaigns, surveys::opening::act),
    Entry::new(Get, "/surveys/{survey}", "Итоги опроса", Surveys, surveys::one::show)
        .ids(&[Place::Path("survey"), Place::Query("unit")]),
    Entry::new(Post, "/surveys/{survey}", "Итоги опроса", Campaigns, surveys::one::act).ids(&[Place::Path("survey")]),
    Entry::new(Get, "/examine", "Оценка служб", Examine, examination::desk::all).in_menu(Group::Reports),
    Entry::new(
        Get,
        "/examine/{seat}",
        "Оценка службы",
        Examine,
        examination::score::show,
    )
    .ids(&[Place::Path("seat")]),
    Entry::new(
        Post,
        "/examine/{seat}",
        "Оценка службы",
        Examine,
        examination::score::act,
    )
    .ids(&[Place::Path("seat")]),
    Entry::new(Get, "/examined", "Экспертиза службы", Examined, examination::own::show)
        .ids(&[Place::Query("of")])
        .in_menu(Group::Reports),
    Entry::new(Post, "/examined", "Экспертиза службы", Examined, examination::own::act).ids(&[Place::Form("of")]),
    Entry::new(Get, "/examinations", "Экспертиза", Examinations, examination::list::all).in_menu(Group::Reports),
    Entry::new(
        Get,
        "/examinations/new",
        "Новая экспертиза",
        Examinations,
        examination::opening::show,
    ),
    Entry::new(
        Post,
        "/examinations/new",
        "Новая экспертиза",
        Examinations,
        examination::opening::act,
    ),
    Entry::new(
        Get,
        "/examinations/units/{examined}",
        "Служба на экспертизе",
        Examinations,
        examination::unit::show,
    )
    .ids(&[Place::Path("examined")]),
    Entry::new(
        Post,
        "/examinations/units/{examined}",
        "Служба на экспертизе",
        Examinations,
        examination::unit::act,
    )
    .ids(&[Place::Path("examined")]),
    Entry::new(
        Get,
        "/examinations/{examination}",
        "Экспертиза за период",
        Examinations,
        examination::one::show,
    )
    .ids(&[Place::Path("examination")]),
    Entry::new(
        Post,
        "/examinations/{examination}",
        "Экспертиза за период",
        Examinations,
        examination::one::act,
    )
    .ids(&[Place::Path("examination")]),
    Entry::new(
        Get,
        "/examinations/{examination}/errors",
        "Типичные ошибки",
        Examinations,
        examination::errors::show,
    )
    .ids(&[Place::Path("examination")]),
    Entry::new(
        Get,
        "/examinations/{examination}/cycle",
        "Полный цикл",
        Examinations,
        examination::cycle::show,
    )
    .ids(&[Place::Path("examination")]),
    Entry::new(Get, "/packs", "Методики", Packs, packs::list::all).in_menu(Group::Data),
    Entry::new(Get, "/packs/new", "Новая методика", Packs, packs::list::new),
    Entry::new(Post, "/packs/new", "Новая методика", Packs, packs::list::make).cost(Cost::Text),
    Entry::new(Get, "/packs/{pack}", "Методика", Packs, packs::one::show).ids(&[Place::Path("pack")]),
    Entry::new(Post, "/packs/{pack}", "Методика", Packs, packs::one::act)
        .ids(&[Place::Path("pack")])
        .cost(Cost::Text),
    Entry::new(
        Get,
        "/packs/{pack}/versions/{version}",
        "Версия методики",
        Packs,
        packs::one::one,
    )
    .ids(&[Place::Path("pack"), Place::Path("version")]),
    Entry::new(
        Get,
        "/packs/{pack}/edges",
        "Общие границы шкал",
        Packs,
        packs::edges::show,
    )
    .ids(&[Place::Path("pack")]),
    Entry::new(
        Post,
        "/packs/{pack}/edges",
        "Общие границы шкал",
        Packs,
        packs::edges::decide,
    )
    .ids(&[Place::Path("pack")]),
    Entry::new(
        Get,
        "/packs/{pack}/difference",
        "Две версии методики",
        Packs,
        packs::difference::show,
    )
    .ids(&[Place::Path("pack")]),
    Entry::new(Get, "/upload", "Загрузка", Upload, upload::list::all).in_menu(Group::Data),
    Entry::new(Post, "/upload", "Загрузка", Upload, upload::list::bring).cost(Cost::Upload),
    Entry::new(Get, "/upload/sample", "Образец файла", Upload, upload::sample::fetch),
    Entry::new(Get, "/upload/{upload}", "Загрузка файла", Upload, upload::file::show)
        .ids(&[Place::Path("upload")])
        .audit(Audit::List),
    Entry::new(
        Post,
        "/upload/{upload}/check",
        "Загрузка файла",
        Upload,
        upload::file::check,
    )
    .ids(&[Place::Path("upload")])
    .shows(Audit::List),
    Entry::new(
        Post,
        "/upload/{upload}/load",
        "Загрузка файла",
        Upload,
        upload::file::load,
    )
    .ids(&[Place::Path("upload")]),
    Entry::new(
        Get,
        "/upload/{upload}/errors",
        "Файл с ошибками",
        Upload,
        upload::file::errors,
    )
    .ids(&[Place::Path("upload")])
    .audit(Audit::List),
    Entry::new(
        Get,
        "/upload/{upload}/undo",
        "Отменить загрузку",
        Upload,
        upload::undo::undo,
    )
    .ids(&[Place::Path("upload")]),
    Entry::new(
        Post,
        "/upload/{upload}/undo",
        "Отменить загрузку",
        Upload,
        upload::undo::take_back,
    )
    .ids(&[Place::Path("upload")]),
    Entry::new(Get, "/users", "Пользователи и роли", Roles, accounts::users::list)
        .ids(&[Place::Query("unit")])
        .audit(Audit::List)
        .in_menu(Group::Access),
    Entry::new(
        Get,
        "/users/file",
        "Пользователи и роли: файл",
        Roles,
        accounts::users::file,
    )
    .ids(&[Place::Query("unit")])
    .audit(Audit::List)
    .long(),
    Entry::new(
        Post,
        "/users/file",
        "Пользователи и роли: файл",
        BulkExport,
        accounts::users::file,
    )
    .ids(&[Place::Query("unit")])
    .long(),
    Entry::new(Get, "/users/new", "Новый пользователь", Roles, accounts::users::new),
    Entry::new(Post, "/users/new", "Новый пользователь", Roles, accounts::users::open).ids(&[Place::Form("unit")]),
    Entry::new(Get, "/users/{account}", "Пользователь", Roles, accounts::users::show)
        .ids(&[Place::Path("account")])
        .audit(Audit::List),
    Entry::new(Post, "/users/{account}", "Пользователь", Roles, accounts::users::act)
        .ids(&[Place::Path("account"), Place::Form("grant"), Place::Form("unit")])
        .shows(Audit::List),
    Entry::new(
        Get,
        "/letters",
        "Письма, которые не ушли",
        Letters,
        accounts::letters::show,
    )
    .in_menu(Group::Access),
    Entry::new(
        Post,
        "/letters/again",
        "Письма, которые не ушли",
        Letters,
        accounts::letters::again,
    )
    .ids(&[Place::Form("id")]),
    Entry::new(Get, "/journal", "Журнал действий", Journal, journal::page::show)
        .audit(Audit::List)
        .in_menu(Group::Access),
    Entry::new(
        Get,
        "/journal/export",
        "Журнал действий, файл",
        Journal,
        journal::export::file,
    )
    .audit(Audit::List)
    .long(),
    Entry::new(Get, "/notices", "Уведомления", SignedIn, accounts::notices::show),
    Entry::new(Post, "/notices/seen", "Уведомления", SignedIn, accounts::notices::see).audit(Audit::None),
    Entry::new(
        Get,
        "/notices/choice",
        "Письма: какие и как часто",
        SignedIn,
        accounts::notice_choice::show,
    ),
    Entry::new(
        Post,
        "/notices/choice",
        "Письма: какие и как часто",
        SignedIn,
        accounts::notice_choice::choose,
    ),
    Entry::new(Get, "/dictionary", "Словарь", SignedIn, desk::dictionary::show),
    Entry::new(Get, "/account", "Учётная запись", SignedIn, desk::start::account),
    Entry::new(
        Get,
        "/account/password",
        "Новый пароль",
        SignedIn,
        access::own::show_password,
    ),
    Entry::new(
        Post,
        "/account/password",
        "Новый пароль",
        SignedIn,
        access::own::change_password,
    )
    .cost(Cost::Hash),
    Entry::new(
        Get,
        "/account/email",
        "Адрес почты",
        SignedIn,
        access::own::show_address,
    ),
    Entry::new(
        Post,
        "/account/email",
        "Адрес почты",
        SignedIn,
        access::own::change_address,
    )
    .cost(Cost::Hash),
    Entry::new(
        Get,
        "/second-factor",
        "Второй шаг входа",
        SignedIn,
        access::second::show,
    ),
    Entry::new(
        Post,
        "/second-factor",
        "Второй шаг входа",
        SignedIn,
        access::second::change,
    )
    .cost(Cost::Hash),
    Entry::new(
        Get,
        "/second-factor/codes",
        "Запасные коды",
        SignedIn,
        access::second::codes,
    ),
    Entry::new(Get, "/sessions", "Входы", SignedIn, access::sessions::show),
    Entry::new(Post, "/sessions/close", "Входы", SignedIn, access::sessions::close).ids(&[Place::Form("id")]),
    Entry::new(Get, "/sign-ins", "Входы сотрудников", SignIns, access::sign_ins::show)
        .ids(&[Place::Query("login")])
        .audit(Audit::List)
        .in_menu(Group::Access),
    Entry::new(
        Post,
        "/sign-ins/close",
        "Входы сотрудников",
        SignIns,
        access::sign_ins::close,
    )
    .ids(&[Place::Form("login")]),
    Entry::new(Get, "/mailbox", "Письма шагов", Mailbox, accounts::mailbox::show),
    Entry::new(Get, "/_design", "Компоненты", Design, desk::design::show),
];
