//! Every Russian sentence of a refusal, in one table: code, sentence with gaps `{name}`.
//!
//! A test finds codes that nobody raises and codes that are raised without a sentence. The sentence says what is wrong
//! and what to do; it names no identifiers of the program.

use crate::error::Refusal;

/// Code and sentence.
pub const TABLE: &[(&str, &str)] = &[
    // access
    (
        "access.login_characters",
        "логин «{login}»: допустимы буквы, цифры и знаки . - _ @",
    ),
    (
        "access.email",
        "адрес почты «{email}» не принят: нужен вид имя@сервер латиницей, без пробелов",
    ),
    ("access.other_person", "логин {login} уже принадлежит другому человеку"),
    (
        "access.role_stands",
        "у логина {login} уже есть роль «{role}» в этой единице",
    ),
    // competence
    (
        "competence.scale_gap",
        "шкала не принята: значение {at} % не попадает ни в одну полосу",
    ),
    (
        "competence.scale_overlap",
        "шкала не принята: значение {at} % попадает больше чем в одну полосу или лежит вне 0–100",
    ),
    // desk
    (
        "desk.no_snils",
        "у педагога не указан СНИЛС: действие запишет сотрудник ЦНППМ, когда номер появится",
    ),
    ("desk.no_reason", "напишите пару слов: без них не понять, о чём запись"),
    ("desk.nothing_ticked", "отметьте хотя бы одну строку"),
    (
        "desk.changed",
        "пока страница была открыта, данные изменились: проверьте заново и подтвердите",
    ),
    // demo
    (
        "demo.stands",
        "в папке {folder} уже есть пробный регион; чтобы создать его заново, добавьте --force",
    ),
    (
        "demo.other_data",
        "в папке {folder} есть другие данные; выберите пустую папку (--force здесь не поможет)",
    ),
    (
        "demo.server_database",
        "пробная база на сервере сама не удаляется: создайте пустую базу и укажите её",
    ),
    // acts
    ("acts.unknown_act", "действия «{act}» нет; есть: {known}"),
    ("acts.snils", "{advice}"),
    (
        "acts.item",
        "пункт «{item}»: нужен номер пункта плана, целое число от 1",
    ),
    ("acts.date", "дата «{date}»: нужна в виде ГГГГ-ММ-ДД или ДД.ММ.ГГГГ"),
    // iom
    ("iom.unknown_person", "человека с таким СНИЛС нет"),
    (
        "iom.two_regions",
        "этот СНИЛС есть в двух регионах, и у обоих есть ИОМ: действующий должен относиться к одному",
    ),
    ("iom.unknown_login", "действующей учётной записи «{login}» нет"),
    ("iom.no_plan", "открытого ИОМ у педагога нет"),
    ("iom.no_closed_plan", "закрытого ИОМ у педагога нет"),
    ("iom.future_day", "дата действия ещё не наступила"),
    ("iom.already_recorded", "это действие уже записано"),
    (
        "iom.out_of_order",
        "уже записано более позднее действие, от {after}: дата должна быть не раньше",
    ),
    ("iom.own_plan", "свой ИОМ не утверждают, не проверяют и не закрывают"),
    ("iom.not_allowed", "у «{login}» нет права «{act}» для этого ИОМ"),
    ("iom.wrong_state", "ИОМ в состоянии «{state}»: «{act}» невозможно"),
    (
        "iom.wrong_item_state",
        "пункт {item} в состоянии «{state}»: «{act}» невозможно",
    ),
    ("iom.item_needed", "укажите номер пункта"),
    ("iom.no_item", "пункта {item} в ИОМ нет"),
    ("iom.reason_needed", "укажите причину"),
    (
        "iom.nothing_to_send",
        "в ИОМ нет цели или пункта со сроком: отправлять нечего",
    ),
    ("iom.already_agreed", "педагог уже согласовал этот ИОМ"),
    ("iom.not_agreed", "педагог ещё не согласовал ИОМ"),
    ("iom.waiver_document", "укажите документ, по которому пункт перезачтён"),
    (
        "iom.outcome_value",
        "исход «{value}»: нужен вид «код компетенции:closed», reduced или remained",
    ),
    ("iom.unknown_deficit", "дефицита «{deficit}» в ИОМ нет"),
    ("iom.same_outcome", "этот исход дефицита «{deficit}» уже записан"),
    ("iom.open_items", "не зачтены обязательные пункты: {items}"),
    ("iom.no_outcome", "нет исхода по дефицитам: {deficits}"),
    (
        "iom.no_follow_up",
        "нет ни повторной диагностики после утверждения, ни письменного заключения",
    ),
    ("iom.close_reason", "причина прекращения — одна из: {known}"),
    ("iom.other_in_work", "у педагога уже есть другой ИОМ в работе"),
    ("iom.never_approved", "ИОМ не был утверждён: составьте новый"),
    ("iom.own_supporter", "«{login}» — учётная запись самого педагога"),
    (
        "iom.not_supporter",
        "у «{login}» нет роли сопровождающего над организацией педагога",
    ),
    (
        "iom.superior",
        "«{login}» — руководитель педагога: сопровождать его ИОМ не может",
    ),
    ("iom.already_assigned", "«{login}» уже назначен: {kind}"),
    // enrolment
    (
        "enrolment.no_programme",
        "у пункта {item} нет программы: заявка не нужна",
    ),
    (
        "enrolment.item_settled",
        "пункт {item} в состоянии «{state}»: заявка не нужна",
    ),
    ("enrolment.none", "заявки по программе пункта {item} нет"),
    ("enrolment.stands", "заявка на эту программу уже есть: {state}"),
    (
        "enrolment.wrong_state",
        "заявка в состоянии «{state}»: «{act}» невозможно",
    ),
    ("enrolment.number_needed", "укажите номер документа о квалификации"),
    // indicators
    ("indicators.pack_wrong", "пакет не принят:\n{problems}"),
    (
        "indicators.no_period",
        "«{period}» не подходит: пакету нужен {kind}, например 2022/23 (учебный) или 2023 (календарный)",
    ),
    // exchange: the file as a whole
    ("exchange.refused", "файл не принят: {why}"),
    (
        "exchange.unreadable",
        "файл не читается: чтение оборвалось; сохраните его заново как .xlsx или CSV",
    ),
    (
        "exchange.too_slow",
        "файл не читается: чтение заняло больше 30 секунд; разделите его на части или сохраните заново как .xlsx или CSV",
    ),
    (
        "exchange.too_much_memory",
        "файл не читается: ему не хватило 512 МБ памяти; разделите его на части или сохраните заново как .xlsx или CSV",
    ),
    ("exchange.empty_file", "файл пуст"),
    ("exchange.file_size", "файл больше {limit} МБ; разделите его на части"),
    (
        "exchange.damaged",
        "файл повреждён; сохраните его заново как .xlsx или CSV",
    ),
    (
        "exchange.entries",
        "в книге больше {limit} частей, так бывает у испорченных файлов; сохраните её заново как .xlsx или CSV",
    ),
    (
        "exchange.unpacked",
        "распакованная книга слишком велика (больше 200 МБ или в 100 раз больше файла); сохраните её заново как .xlsx \
         или CSV",
    ),
    (
        "exchange.doctype",
        "в книге есть объявление типа документа (DOCTYPE), табличные программы его не пишут; сохраните её заново как \
         .xlsx или CSV",
    ),
    (
        "exchange.macros",
        "в книге есть макросы; сохраните её как .xlsx без макросов",
    ),
    (
        "exchange.encrypted",
        "книга защищена паролем; снимите пароль и сохраните её заново",
    ),
    (
        "exchange.old_format",
        "это старый формат .xls или книга с паролем; сохраните её как .xlsx без пароля или как CSV",
    ),
    (
        "exchange.not_a_workbook",
        "это архив, но не книга .xlsx; сохраните таблицу как .xlsx или CSV",
    ),
    ("exchange.not_a_table", "это не таблица; нужен файл .xlsx или CSV"),
    (
        "exchange.far_cell",
        "ячейка слишком далеко: строка {row}, столбец {column}; читается не больше 1 048 576 строк и 256 столбцов, \
         удалите лишнее",
    ),
    (
        "exchange.long_cell",
        "в ячейке больше 32 767 знаков: строка {row}, столбец {column}; проверьте, закрыта ли кавычка",
    ),
    // import: rows
    (
        "import.no_header",
        "в файле нет нужных столбцов: {missing}; из нужных найдены: {found}. Проверьте вид файла и строку заголовков",
    ),
    ("import.required", "обязательное значение не заполнено"),
    (
        "import.formula",
        "здесь нужна не формула, а значение: скопируйте столбец и вставьте как значения",
    ),
    (
        "import.error_value",
        "в ячейке ошибка вычисления: исправьте формулу или впишите значение",
    ),
    (
        "import.not_a_date",
        "это не дата: напишите день, месяц и год, например 01.09.2023",
    ),
    (
        "import.two_digit_year",
        "год из двух цифр неоднозначен: напишите четыре, например 01.09.2023",
    ),
    (
        "import.not_a_number",
        "это не число: напишите цифрами, не больше трёх знаков после запятой",
    ),
    ("import.not_whole", "нужно целое число"),
    ("import.below_zero", "число меньше нуля"),
    ("import.not_above_zero", "число должно быть больше нуля"),
    ("import.yes_no", "напишите «да» или «нет»"),
    ("import.unknown_value", "такого значения нет; возможны: {known}"),
    ("import.full_name", "нужны хотя бы фамилия и имя через пробел"),
    ("import.ends_before_start", "конец раньше начала: проверьте даты"),
    (
        "import.unknown_unit",
        "единицы с таким кодом нет: сначала загрузите единицы или исправьте код",
    ),
    (
        "import.other_region",
        "это относится и к другому региону, а файл меняет только ваш: исправьте код или удалите строку",
    ),
    (
        "import.unknown_competence",
        "компетенции с таким кодом нет: сначала загрузите компетенции или исправьте код",
    ),
    (
        "import.contradicts",
        "противоречит строке {row} о том же: оставьте одну из них",
    ),
    (
        "import.batch_code_taken",
        "код пакета «{code}» пуст или уже занят: укажите другой",
    ),
    ("import.undone_already", "пакет {code} уже отменён"),
    (
        "import.undo_depends",
        "пакет {code} отменить нельзя, на нём держатся: {what}",
    ),
    // units
    ("units.region_has_parent", "регион ни во что не входит: очистите ячейку"),
    ("units.no_parent", "не указано, куда входит единица"),
    ("units.in_itself", "единица не может входить в саму себя"),
    (
        "units.unknown_parent",
        "единицы с таким кодом нет ни в базе, ни в файле",
    ),
    (
        "units.parent_refused",
        "вышестоящая единица не принята: исправьте строку {row}",
    ),
    (
        "units.wrong_parent",
        "{kind} не может входить в единицу вида «{parent}»",
    ),
    (
        "units.kind_changed",
        "вид единицы не меняется, сейчас это «{kind}»: заведите новую с другим кодом",
    ),
    (
        "units.other_region",
        "единица другого региона: перевод между регионами не поддерживается",
    ),
    // people
    ("people.snils", "{why}"),
    (
        "people.not_an_organisation",
        "это не организация, а «{kind}»: укажите код организации",
    ),
    (
        "people.two_names",
        "тот же СНИЛС в строке {row} у человека с другими ФИО или датой рождения: проверьте обе строки",
    ),
    (
        "people.candidate",
        "СНИЛС нет, а человек с такими ФИО и датой рождения уже есть: впишите СНИЛС или решите, тот ли это человек",
    ),
    (
        "people.candidate_without_number",
        "человек с такими ФИО и датой рождения уже есть без СНИЛС: решите, тот ли это человек",
    ),
    (
        "people.other_name",
        "этот СНИЛС у человека с другими ФИО: проверьте СНИЛС или подтвердите смену имени",
    ),
    (
        "people.other_birth_date",
        "этот СНИЛС у человека с другой датой рождения: проверьте обе",
    ),
    (
        "people.no_number",
        "СНИЛС нет, и человека с такими ФИО и датой рождения тоже нет: впишите СНИЛС",
    ),
    (
        "people.unknown_number",
        "человека с таким СНИЛС нет: сначала загрузите сотрудников или исправьте СНИЛС",
    ),
    // evidence
    (
        "evidence.heic",
        "это снимок HEIC, его открывает не всякий компьютер: в настройках камеры выберите «Наиболее совместимый» (JPEG) \
         или отправьте снимок экрана",
    ),
    (
        "evidence.empty",
        "файл пустой: выберите снимок ещё раз или отправьте шаг без файла",
    ),
    (
        "evidence.kind",
        "подойдёт снимок JPEG или PNG либо документ PDF: этот файл другого вида",
    ),
    (
        "evidence.size",
        "файл больше {limit} МБ: уменьшите снимок или сохраните документ проще",
    ),
    // competences
    (
        "competence.unknown_parent",
        "компетенции с таким кодом нет ни в базе, ни среди принятых строк",
    ),
    ("competence.circle", "компетенции входят друг в друга по кругу"),
    // diagnostics
    ("diagnostics.above_maximum", "балл больше максимума"),
    (
        "diagnostics.future_day",
        "день диагностики ещё не наступил (сегодня {today}): исправьте дату",
    ),
    (
        "diagnostics.two_regions",
        "человек с этим СНИЛС работает в двух регионах, а у процедуры не указан организатор одного из них",
    ),
];

/// The sentence of a refusal with its gaps filled.
#[must_use]
pub fn sentence(refusal: &Refusal) -> String {
    let text = TABLE
        .iter()
        .find(|(code, _)| *code == refusal.code)
        .map_or(refusal.code, |(_, text)| *text);
    refusal.values.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}
