//! What the journal's acts are called: one line for each `action` that is written anywhere; a test compares.

/// Opening the plan of a person: its card, or the page where it is closed.
pub const READ_PLAN: &str = "desk.read_plan";
/// Opening a colleague's topics and steps, without scores.
pub const READ_CARD: &str = "desk.read_card";
/// Opening a file that a person has handed in.
pub const READ_EVIDENCE: &str = "desk.read_evidence";
/// Printing the profile of a person by a command on the server.
pub const READ_PROFILE: &str = "desk.read_profile";
/// Printing the plans of a person by a command on the server.
pub const READ_PLANS: &str = "desk.read_plans";
/// Opening a list that names people.
pub const READ_LIST: &str = "desk.read_list";
/// Taking a list that names people as a file.
pub const EXPORT_LIST: &str = "desk.export_list";
/// Standing on such a list or in its file, where it says more of a person than name, place and state of the plan.
pub const SHOWN: &str = "desk.show_in_list";

/// A secret that did not fit an account.
pub const FAILED: &str = "access.failed";
/// Failures under many logins at once.
pub const SPRAY: &str = "access.spray";
/// A page or an act that was refused to somebody who is signed in.
pub const REFUSED: &str = "access.refused";
/// More of them within the hour than are written down.
pub const REFUSED_MORE: &str = "access.refused_more";

/// Acts that are a look at one person's own data, with the words in which that person reads of them.
pub const LOOKS: &[(&str, &str)] = &[
    (READ_PLAN, "Карточка: маршрут и результаты диагностики"),
    (READ_CARD, "Карточка без баллов: темы и шаги"),
    (READ_EVIDENCE, "Подтверждение шага: файл"),
    (READ_PROFILE, "Профиль: результаты диагностики"),
    (READ_PLANS, "Маршруты с шагами"),
];

/// Lists that say more of a person than name, place and state of the plan, by their codes, with the words in which each
/// who stands on one reads of it.
pub const TELLING: &[(&str, &str)] = &[
    ("staff", "Список педагогов организации: темы и следующий шаг"),
    ("supported", "Список сопровождаемых: пройденные шаги и следующий шаг"),
    ("practice", "Список «После обучения»: чему учились и применяется ли это"),
    ("review", "Список «На проверке»: шаг, ваше пояснение, названия файлов"),
    ("mark_sheet", "Ведомость отметок: шаг и отметка о нём"),
    (
        "proposals",
        "Предложения шаблонов: какие шаги вашего маршрута изменятся",
    ),
    ("drafting", "Подготовка маршрутов: темы, которых нет в вашем маршруте"),
    ("rules", "Проба правил подбора: шаги, которые вышли бы у вас"),
    ("enrolment", "Заявки на курсы: курс и его тема"),
    (
        "edition_list",
        "Список людей выпущенного значения: считались ли вы в нём",
    ),
    (
        "indicator",
        "Список людей показателя: почему вас в нём считают или не считают",
    ),
    (
        "next_diagnosis",
        "Кому нужна следующая диагностика: почему она нужна вам",
    ),
    ("beginner", "Список начинающих: год работы и кто вас поддерживает"),
    (
        "invited",
        "Участники диагностики: почему вас пригласили, ответ и участие",
    ),
];

/// What else its holder reads of: somebody else opened a way into the account.
pub const WAYS_IN: &[(&str, &str)] = &[
    ("access.new_sheet", "Напечатан листок для входа в вашу запись"),
    ("access.email", "Записан другой адрес почты вашей записи"),
];

/// Every act with its name, in the order in which a person looks for it.
pub const ACTIONS: &[(&str, &str)] = &[
    (READ_PLAN, "Открыта карточка с маршрутом"),
    (READ_CARD, "Открыта карточка без баллов"),
    (READ_EVIDENCE, "Открыто подтверждение шага"),
    (READ_PROFILE, "Выведен профиль педагога"),
    (READ_PLANS, "Выведены маршруты педагога"),
    (READ_LIST, "Открыт список людей"),
    (EXPORT_LIST, "Скачан список людей"),
    (SHOWN, "Показан в списке"),
    ("indicator.people", "Выведен список людей показателя"),
    ("indicator.remind", "Отправлены напоминания ближайшим к цели"),
    ("import.errors", "Скачан файл с ошибками"),
    ("journal.read", "Открыт журнал действий"),
    ("journal.export", "Выгружен журнал действий"),
    ("access.first_sheet", "Создана учётная запись с листком"),
    ("access.new_sheet", "Напечатан новый листок"),
    ("access.first_password", "Первый вход: задан пароль"),
    ("access.link", "Отправлена одноразовая ссылка"),
    ("access.link_password", "Пароль задан по ссылке"),
    ("access.password", "Изменён пароль"),
    ("access.address", "Подтверждён адрес почты"),
    ("access.second_factor", "Изменён второй шаг входа"),
    ("access.close_sessions", "Закрыты входы"),
    ("access.suspend", "Учётная запись приостановлена"),
    ("access.restore", "Учётная запись возвращена"),
    ("access.revoke", "Роль снята"),
    (SPRAY, "Похоже на подбор паролей"),
    (FAILED, "Пароль или код не подошёл"),
    (REFUSED, "Отказ в доступе"),
    (REFUSED_MORE, "Отказов больше: следующие за этот час не записаны"),
    ("access.sign_in", "Вход"),
    ("access.sign_out", "Выход"),
    ("access.bulk_export", "Скачан большой список людей"),
    ("access.confirm", "Личность подтверждена ещё раз"),
    ("access.switch_role", "Смена роли"),
    ("access.delegate", "Назначено замещение"),
    ("access.end_delegation", "Замещение завершено"),
    ("access.stand_in", "Начата работа в порядке замещения"),
    ("access.grant", "Выдана роль"),
    ("access.grant_all", "Созданы учётные записи"),
    ("access.email", "Изменён адрес почты"),
    ("iom.draft", "Маршрут составлен"),
    ("iom.rules", "Введены правила подбора"),
    ("iom.assign", "Назначен сопровождающий"),
    ("iom.note", "Сделана запись о работе с педагогом"),
    ("iom.note_share", "Запись открыта педагогу"),
    ("iom.note_withdraw", "Запись о работе с педагогом снята"),
    ("iom.hand_over", "Маршрут передан другому сопровождающему"),
    ("iom.capacity", "Изменена ставка сопровождающего"),
    ("iom.send", "Маршрут отправлен на согласование"),
    ("iom.agree", "Маршрут согласован"),
    ("iom.approve", "Маршрут утверждён"),
    ("iom.start", "Маршрут начат"),
    ("iom.pause", "Маршрут приостановлен"),
    ("iom.resume", "Маршрут возобновлён"),
    ("iom.begin", "Шаг начат"),
    ("iom.submit", "Шаг отправлен на проверку"),
    ("iom.withdraw", "Шаг отозван с проверки"),
    ("iom.evidence", "Приложен файл к шагу"),
    ("iom.accept", "Шаг зачтён"),
    ("iom.return", "Возвращено на доработку"),
    ("iom.waive", "Шаг перезачтён"),
    ("iom.cancel", "Шаг отменён"),
    ("iom.change", "Маршрут изменён"),
    ("iom.extend", "Срок маршрута продлён"),
    ("iom.acquaint", "Педагог ознакомился с редакцией"),
    ("iom.template", "Записана версия шаблона маршрутов"),
    ("iom.template_decline", "Предложение шаблона отклонено"),
    ("iom.support", "Записана помощь педагогу"),
    ("iom.print_sheet", "Собрана ведомость отметок"),
    ("iom.read_sheet", "Внесены отметки из ведомости"),
    ("iom.paper_signer", "Записано, кто подписывает документы"),
    ("iom.paper_blocks", "Выбраны блоки документов"),
    ("iom.signature", "Приложена подпись документа"),
    ("iom.outcome", "Записан итог по дефициту"),
    ("iom.close_completed", "Маршрут закрыт: выполнен"),
    ("iom.close_expired", "Маршрут закрыт: срок истёк"),
    ("iom.close_terminated", "Маршрут прекращён"),
    ("iom.reopen", "Маршрут возвращён в работу"),
    ("enrolment.apply", "Подана заявка на курс"),
    ("enrolment.agree", "Заявка на курс согласована"),
    ("enrolment.refuse", "Заявка на курс отклонена"),
    ("enrolment.enrol", "Зачислен на курс"),
    ("enrolment.complete", "Курс окончен"),
    ("enrolment.withdraw", "Заявка на курс отозвана"),
    ("import.bring", "Принесён файл"),
    ("import.check", "Заказана проверка файла"),
    ("import.load", "Заказана загрузка файла"),
    ("import.apply", "Файл загружен"),
    ("import.undo", "Загрузка отменена"),
    ("import.return", "Возвращён исправленный файл"),
    ("import.merge", "Записаны правки из файла"),
    ("cycle.table_taken", "Проверена опубликованная таблица"),
    ("cycle.edition_release", "Выпущены значения показателей"),
    ("cycle.edition_approve", "Выпуск утверждён"),
    ("cycle.edition_open", "Выпуск открыт для всех"),
    ("cycle.edition_close", "Выпуск закрыт для всех"),
    ("cycle.edition_ask", "Запрошен выпуск значений"),
    ("cycle.campaign_open", "Открыта кампания"),
    ("cycle.campaign_override", "Спрошено то, что платформа знает"),
    ("cycle.campaign_remind", "Отправлены напоминания об отчёте"),
    ("cycle.survey_open", "Открыт опрос"),
    ("cycle.survey_days", "Изменён последний день опроса"),
    ("cycle.survey_answer", "Даны ответы на опрос"),
    ("cycle.report_begin", "Отчёт начат"),
    ("cycle.report_save", "Отчёт записан"),
    ("cycle.report_send", "Отчёт отправлен"),
    ("cycle.report_withdraw", "Отправленный отчёт отозван"),
    ("cycle.report_return", "Отчёт возвращён"),
    ("cycle.report_agree", "Отчёт согласован"),
    ("cycle.report_disagree", "Согласование отчёта отозвано"),
    ("cycle.report_accept", "Отчёт принят"),
    ("cycle.report_reopen", "Приёмка отчёта отозвана"),
    ("cycle.report_extend", "Срок отчёта продлён"),
    ("indicators.pack_load", "Загружен пакет показателей"),
    ("indicators.pack_edit", "Введена новая версия методики"),
    ("indicators.form", "Внесены сведения формы"),
    ("indicators.link_check", "Отмечена проверка ссылки"),
    ("indicators.record", "Записаны поданные значения"),
    ("indicators.edge", "Решено, сколько баллов на границе шкалы"),
    ("mail.again", "Письма отправлены ещё раз"),
    ("mail.choice", "Выбрано, как часто приходят письма"),
    ("mail.calendar_make", "Создан адрес календаря"),
    ("mail.calendar_revoke", "Адрес календаря отозван"),
    ("mail.unsubscribe", "Письма отключены по ссылке из письма"),
    ("activity.event_add", "Добавлено мероприятие"),
    ("activity.event_change", "Изменено мероприятие"),
    ("activity.event_withdraw", "Отозвано мероприятие"),
    ("activity.event_restore", "Возвращено мероприятие"),
    ("activity.take_part", "Записано участие в мероприятии"),
    ("activity.withdraw", "Отозвана запись об участии"),
    ("activity.restore", "Возвращена запись об участии"),
    ("activity.body_add", "Добавлено объединение"),
    ("activity.body_change", "Изменено объединение"),
    ("activity.body_withdraw", "Отозвано объединение"),
    ("activity.body_restore", "Возвращено объединение"),
    ("activity.join", "Добавлен участник объединения"),
    ("activity.leave", "Закончено участие в объединении"),
    ("activity.leave_withdraw", "Отозвано участие в объединении"),
    ("activity.join_restore", "Возвращено участие в объединении"),
    ("activity.reserve_enrol", "Приняты в кадровый резерв или актив"),
    ("activity.reserve_end", "Закончено пребывание в резерве или активе"),
    ("activity.reserve_withdraw", "Отозвана запись резерва или актива"),
    ("activity.bodies_provide", "Заведены объединения методики"),
    ("activity.undertaking_add", "Добавлен проект"),
    ("activity.undertaking_change", "Изменён проект"),
    ("activity.undertaking_withdraw", "Отозван проект"),
    ("activity.undertaking_restore", "Возвращён проект"),
    ("activity.link_checked", "Проверена ссылка"),
    ("activity.expertise_add", "Записана экспертиза"),
    ("activity.expertise_withdraw", "Отозвана экспертиза"),
    ("activity.expertise_restore", "Возвращена экспертиза"),
    ("activity.part_add", "Добавлен участник проекта"),
    ("activity.part_end", "Закончено участие в проекте"),
    ("activity.part_withdraw", "Отозвано участие в проекте"),
    ("activity.part_restore", "Возвращено участие в проекте"),
    ("activity.publication_add", "Добавлена публикация"),
    ("activity.publication_change", "Изменена публикация"),
    ("activity.publication_withdraw", "Отозвана публикация"),
    ("activity.publication_restore", "Возвращена публикация"),
    ("activity.vacancy_change", "Изменена вакансия"),
    ("cycle.exam_open", "Начата экспертиза"),
    ("cycle.exam_days", "Изменены дни экспертизы"),
    ("cycle.exam_assign", "Назначен эксперт"),
    ("cycle.exam_unassign", "Эксперт снят"),
    ("cycle.exam_score", "Записаны баллы эксперта"),
    ("cycle.exam_done", "Эксперт закончил службу"),
    ("cycle.exam_give_back", "Оценка возвращена эксперту"),
    ("cycle.exam_look_again", "Экспертов попросили посмотреть ещё раз"),
    ("cycle.exam_leave", "Расхождение экспертов оставлено"),
    ("cycle.exam_announce", "Объявлены результаты экспертизы"),
    ("cycle.exam_document", "Указан документ для экспертизы"),
    ("cycle.exam_document_withdraw", "Убран документ для экспертизы"),
    ("cycle.exam_appeal", "Подана апелляция на балл"),
    ("cycle.exam_keep", "По апелляции балл оставлен"),
    ("cycle.exam_change", "По апелляции балл изменён"),
    ("cycle.task_done", "Отмечено дело календаря"),
    ("cycle.task_undo", "Снята отметка дела календаря"),
    ("cycle.act_add", "Внесён документ"),
    ("cycle.act_change", "Изменён документ"),
    ("cycle.act_withdraw", "Отозван документ"),
    ("cycle.act_restore", "Возвращён документ"),
    ("activity.mentor_add", "Добавлена карта наставника"),
    ("activity.mentor_change", "Изменена карта наставника"),
    ("activity.pair_add", "Добавлена наставническая пара"),
    ("activity.pair_change", "Изменена наставническая пара"),
    ("activity.pair_withdraw", "Отозвана наставническая пара"),
    ("activity.pair_restore", "Возвращена наставническая пара"),
    ("diagnostics.procedure_add", "Добавлена диагностика"),
    ("diagnostics.procedure_change", "Изменена диагностика"),
    ("diagnostics.procedure_state", "Изменено состояние диагностики"),
    ("diagnostics.tool_columns", "Описаны столбцы платформы диагностики"),
    ("diagnostics.scale_add", "Заведена шкала уровней"),
    ("diagnostics.scale_withdraw", "Убрана шкала уровней"),
    ("diagnostics.rescale", "Результаты прочитаны по другой шкале"),
    ("diagnostics.invite", "Приглашение на диагностику"),
    ("diagnostics.answer", "Ответ на приглашение"),
    ("diagnostics.consent_on_paper", "Записано согласие на бумаге"),
    ("diagnostics.came", "Отмечено участие в диагностике"),
    ("diagnostics.absent", "Отмечена неявка на диагностику"),
    ("diagnostics.own_finish", "Завершена самооценка"),
];

/// Lists that name people, by the kind of what they list.
pub const LISTS: &[(&str, &str)] = &[
    ("staff", "педагоги организации"),
    ("enrolment", "заявки на курсы"),
    ("indicator", "люди показателя"),
    ("edition_list", "люди выпущенного значения"),
    ("supported", "сопровождаемые педагоги"),
    ("practice", "обучение сопровождаемых педагогов"),
    ("supporter", "сопровождающие"),
    ("review", "шаги на проверке"),
    ("mark_sheet", "ведомость отметок"),
    ("proposals", "предложения шаблонов"),
    ("iom", "маршруты"),
    ("drafting", "подготовка маршрутов"),
    ("rules", "проба правил подбора"),
    ("upload", "строки файла"),
    ("account", "учётные записи сотрудников"),
    ("event", "участники мероприятия"),
    ("activity", "записи об участии"),
    ("mentor_card", "база наставников"),
    ("body", "участники объединения"),
    ("mentoring_pair", "наставнические пары"),
    ("undertaking", "участники проекта"),
    ("publication", "авторы публикаций"),
    ("expert", "реестр экспертов"),
    ("reserve", "кадровый резерв"),
    ("workforce", "кадровый состав"),
    ("retention", "начинающие педагоги"),
    ("beginner", "начинающие и их поддержка"),
    ("next_diagnosis", "кому нужна следующая диагностика"),
    ("invited", "участники диагностики"),
];

/// What an act is about, by the kind of the object; lists have words of their own.
pub const OBJECTS: &[(&str, &str)] = &[
    ("account", "учётная запись"),
    ("delegation", "замещение"),
    ("iom", "маршрут"),
    ("iom_evidence", "подтверждение шага"),
    ("support_note", "запись о работе с педагогом"),
    ("mark_sheet", "ведомость отметок"),
    ("signature_file", "подпись документа"),
    ("paper_setting", "подписи и блоки документов"),
    ("iom_template", "шаблон маршрутов"),
    ("enrolment", "заявка на курс"),
    ("person", "педагог"),
    ("procedure", "диагностика"),
    ("tool", "платформа диагностики"),
    ("unit", "единица"),
    ("upload", "файл"),
    ("import_batch", "загрузка"),
    ("returned_file", "исправленный файл"),
    ("pack", "методика"),
    ("published_table", "опубликованная таблица"),
    ("edition", "выпуск значений"),
    ("edition_order", "подготовка выпуска"),
    ("measure_value", "поданные значения"),
    ("unit_form", "сведения по форме"),
    ("campaign", "кампания"),
    ("submission", "отчёт"),
    ("survey", "опрос"),
    ("examination", "экспертиза"),
    ("examination_unit", "служба на экспертизе"),
    ("examination_expert", "оценка эксперта"),
    ("edge_choice", "граница шкалы"),
    ("outbox_mail", "письма"),
    ("audit_event", "журнал"),
    ("event", "мероприятие"),
    ("body", "объединение"),
    ("activity", "запись об участии"),
    ("body_member", "участие в объединении"),
    ("mentor_card", "карта наставника"),
    ("mentoring_pair", "наставническая пара"),
    ("undertaking", "проект"),
    ("publication", "публикация"),
    ("regulation", "документ"),
    ("calendar_task", "дело календаря"),
    ("reserve", "кадровый резерв"),
    ("region", "регион"),
];

/// The words of the kind of an object; its code, when it has none.
#[must_use]
pub fn object(kind: &str) -> &str {
    of(OBJECTS, kind).or_else(|| of(LISTS, kind)).unwrap_or(kind)
}

/// The name of an act; its code, when it has none.
#[must_use]
pub fn named(action: &str) -> &str {
    of(ACTIONS, action).unwrap_or(action)
}

/// The words of a code in one of the tables.
#[must_use]
pub fn of(table: &[(&'static str, &'static str)], code: &str) -> Option<&'static str> {
    table.iter().find(|(c, _)| *c == code).map(|(_, words)| *words)
}
