//! The tables as diesel sees them: one text for both databases. Migrations are the truth; a test compares.

#![expect(missing_docs, reason = "columns are described in the migrations")]

diesel::table! {
    /// Settings of the installation that the program itself writes: the demo mark, the signed head of the audit chain.
    setting (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    /// Process numbers for ids made in Rust: a number is leased, never shared by two living processes.
    process_lease (number) {
        number -> Integer,
        leased_until -> Timestamp,
    }
}

diesel::table! {
    /// One row per act that changed something or read personal data. Append-only; `digest` is keyed.
    audit_event (id) {
        id -> BigInt,
        region_id -> Nullable<BigInt>,
        at -> Timestamp,
        account_id -> Nullable<BigInt>,
        on_behalf_of_id -> Nullable<BigInt>,
        action -> Text,
        object_kind -> Text,
        object_id -> Nullable<BigInt>,
        person_id -> Nullable<BigInt>,
        detail -> Text,
        digest -> Text,
    }
}

diesel::table! {
    /// The sealer's numbering and chain over audit rows: gapless seq, chain = SHA-256(previous chain, digest).
    audit_seal (seq) {
        seq -> BigInt,
        event_id -> BigInt,
        chain -> Text,
    }
}

diesel::table! {
    /// Background work written in the transaction that asked for it; safe to run twice.
    job (id) {
        id -> BigInt,
        region_id -> Nullable<BigInt>,
        kind -> Text,
        payload -> Text,
        state -> Text,
        run_at -> Timestamp,
        attempts -> Integer,
        leased_until -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    /// Mail written in the transaction of its cause; sent later, once per (kind, subject, dedup key).
    outbox_mail (id) {
        id -> BigInt,
        region_id -> Nullable<BigInt>,
        kind -> Text,
        account_id -> BigInt,
        subject_id -> BigInt,
        dedup_key -> Text,
        body -> Text,
        state -> Text,
        attempts -> Integer,
        next_try_at -> Timestamp,
        message_id -> Text,
        last_error -> Nullable<Text>,
        created_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        claim -> Nullable<BigInt>,
        leased_until -> Nullable<Timestamp>,
        address -> Nullable<Text>,
        link_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// What an account is told: questions that wait for it and news.
    notice (id) {
        id -> BigInt,
        region_id -> Nullable<BigInt>,
        account_id -> BigInt,
        kind -> Text,
        subject_id -> BigInt,
        item -> Nullable<Integer>,
        dedup_key -> Text,
        body -> Text,
        due_on -> Nullable<Date>,
        created_at -> Timestamp,
        seen_at -> Nullable<Timestamp>,
        settled_at -> Nullable<Timestamp>,
        settled -> Nullable<Text>,
        told_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// How often letters of a group of kinds come to an account.
    notice_choice (account_id, kinds) {
        account_id -> BigInt,
        kinds -> Text,
        frequency -> Text,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    /// The address of a calendar of the own steps, as a digest: one for an account.
    calendar_feed (account_id) {
        account_id -> BigInt,
        digest -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    /// Answers to repeated requests: the same key with the same body gets the first answer again.
    request_key (key) {
        key -> Text,
        account_id -> BigInt,
        body_digest -> Text,
        answer -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    /// One uploaded file: what it was, what came of it, whether it was undone.
    import_batch (id) {
        id -> BigInt,
        region_id -> Nullable<BigInt>,
        code -> Text,
        kind -> Text,
        mode -> Text,
        file_name -> Text,
        file_digest -> Text,
        state -> Text,
        rows_new -> Integer,
        rows_changed -> Integer,
        rows_unchanged -> Integer,
        rows_refused -> Integer,
        rows_quarantined -> Integer,
        account_id -> Nullable<BigInt>,
        recorded_at -> Timestamp,
        undone_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// What one row of a file did: `previous` is the state that undo brings back; refused rows keep their text.
    import_row (id) {
        id -> BigInt,
        batch_id -> BigInt,
        sheet -> Text,
        row_number -> Integer,
        state -> Text,
        object_kind -> Nullable<Text>,
        object_id -> Nullable<BigInt>,
        previous -> Nullable<Text>,
        raw -> Nullable<Text>,
        problem -> Nullable<Text>,
    }
}

diesel::table! {
    /// A region, a zone (educational district), a municipality or an organisation. `region_id` of a region is its own id.
    unit (id) {
        id -> BigInt,
        region_id -> BigInt,
        kind -> Text,
        code -> Text,
        name -> Text,
        search_key -> Text,
        sort_key -> Text,
        org_kind -> Nullable<Text>,
        locality -> Nullable<Text>,
        municipality_kind -> Nullable<Text>,
        oktmo -> Nullable<Text>,
        inn -> Nullable<Text>,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        version -> Integer,
        recorded_at -> Timestamp,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Dated tree: which unit a unit stands in. valid_to is exclusive, NULL is open.
    unit_link (id) {
        id -> BigInt,
        region_id -> BigInt,
        unit_id -> BigInt,
        parent_id -> BigInt,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Another number with every change of the units of a region, made by triggers: kept trees are known by it.
    unit_stamp (region_id) {
        region_id -> BigInt,
        stamp -> BigInt,
    }
}

diesel::table! {
    /// A teacher or leader. СНИЛС is unique within the region when present; keys are made in Rust.
    person (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        snils -> Nullable<Text>,
        last_name -> Text,
        first_name -> Text,
        patronymic -> Nullable<Text>,
        birth_date -> Nullable<Date>,
        sex -> Nullable<Text>,
        email -> Nullable<Text>,
        search_key -> Text,
        sort_key -> Text,
        version -> Integer,
        recorded_at -> Timestamp,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Earlier names of a person.
    person_name (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        person_id -> BigInt,
        last_name -> Text,
        first_name -> Text,
        patronymic -> Nullable<Text>,
        replaced_at -> Timestamp,
    }
}

diesel::table! {
    /// Persons found to be one: `old_person_id` lives on in `person_id`; undone when `undone_at` is set.
    person_alias (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        person_id -> BigInt,
        old_person_id -> BigInt,
        recorded_at -> Timestamp,
        undone_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// One job of a person in an organisation. valid_to is exclusive (the day after dismissal), NULL is open.
    employment (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        person_id -> BigInt,
        organisation_id -> BigInt,
        position -> Text,
        staff_kind -> Text,
        kind -> Text,
        rate_milli -> Nullable<Integer>,
        hours_milli -> Nullable<Integer>,
        teaching_since -> Nullable<Date>,
        category -> Nullable<Text>,
        education -> Nullable<Text>,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Subjects taught within a job, with the match of education to the subject.
    employment_subject (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        employment_id -> BigInt,
        subject -> Text,
        profile_match -> Nullable<Bool>,
    }
}

diesel::table! {
    /// Who may sign in or act. A teacher's account names the person.
    account (id) {
        id -> BigInt,
        region_id -> Nullable<BigInt>,
        login -> Text,
        password_hash -> Text,
        person_id -> Nullable<BigInt>,
        state -> Text,
        auth_version -> Integer,
        created_at -> Timestamp,
        version -> Integer,
        name -> Nullable<Text>,
        email -> Nullable<Text>,
        email_verified_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// A role of an account over a unit and everything below it, dated.
    role_grant (id) {
        id -> BigInt,
        account_id -> BigInt,
        role -> Text,
        unit_id -> Nullable<BigInt>,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// A sign-in: the cookie is a signed pointer to this row, which is read at every request.
    session (sid_digest) {
        sid_digest -> Text,
        account_id -> BigInt,
        auth_version -> Integer,
        role -> Nullable<Text>,
        created_at -> Timestamp,
        seen_at -> Timestamp,
        ends_at -> Timestamp,
        address -> Nullable<Text>,
        device -> Nullable<Text>,
        second_at -> Nullable<Timestamp>,
        delegation_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Somebody acts in another one's stead, in one role, from the first day to the last.
    delegation (id) {
        id -> BigInt,
        region_id -> BigInt,
        from_account_id -> BigInt,
        to_account_id -> BigInt,
        role -> Text,
        starts_on -> Date,
        ends_on -> Date,
        reason -> Text,
        recorded_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        version -> Integer,
    }
}

diesel::table! {
    /// What of a role is given to a substitute; a delegation without rows gives all of it.
    delegated_work (delegation_id, work) {
        delegation_id -> BigInt,
        work -> Text,
    }
}

diesel::table! {
    /// The address that an account had before somebody else changed it.
    former_address (account_id) {
        account_id -> BigInt,
        address -> Text,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    /// A file that named more people than one works with by hand: who took it, what for, how many it named.
    bulk_export (id) {
        id -> BigInt,
        region_id -> BigInt,
        account_id -> BigInt,
        list -> Text,
        people -> Integer,
        reason -> Text,
        taken_at -> Timestamp,
    }
}

diesel::table! {
    /// A one-time link, as the digest of its secret part: an invitation, a new password, another address of mail.
    one_time_link (id) {
        id -> BigInt,
        account_id -> BigInt,
        kind -> Text,
        address -> Text,
        digest -> Text,
        issued_by -> Nullable<BigInt>,
        created_at -> Timestamp,
        ends_at -> Timestamp,
    }
}

diesel::table! {
    /// Failed tries of a secret by the keyed digest of the login.
    secret_failure (key) {
        key -> Text,
        failures -> Integer,
        last_at -> Timestamp,
    }
}

diesel::table! {
    /// The second factor of an account: what its secret and its recovery codes are made from.
    second_factor (account_id) {
        account_id -> BigInt,
        salt -> Text,
        last_step -> BigInt,
        created_at -> Timestamp,
        codes_salt -> Text,
        codes_at -> Timestamp,
    }
}

diesel::table! {
    /// Recovery codes, each used once, as keyed digests.
    recovery_code (account_id, digest) {
        account_id -> BigInt,
        digest -> Text,
    }
}

diesel::table! {
    /// The code of a printed sheet, as a keyed digest: it opens an account without a password once.
    first_code (account_id) {
        account_id -> BigInt,
        digest -> Text,
        issued_by -> BigInt,
        created_at -> Timestamp,
        ends_at -> Timestamp,
    }
}

diesel::table! {
    /// Groups of competences: reference data.
    competence_group (code) {
        code -> Text,
        name -> Text,
        number -> Integer,
    }
}

diesel::table! {
    /// A node of the tree of competences.
    competence (id) {
        id -> BigInt,
        code -> Text,
        group_code -> Text,
        name -> Text,
        parent_id -> Nullable<BigInt>,
        version -> Integer,
        recorded_at -> Timestamp,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// A scale of levels: a score in per cent falls into one of its bands.
    scale (id) {
        id -> BigInt,
        code -> Text,
        direction -> Text,
        valid_from -> Nullable<Date>,
        recorded_at -> Timestamp,
        region_id -> Nullable<BigInt>,
        name -> Nullable<Text>,
        withdrawn_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// A band of a scale; bounds in thousandths of a per cent, each inclusive or not.
    scale_band (id) {
        id -> BigInt,
        scale_id -> BigInt,
        number -> Integer,
        level -> Text,
        label -> Text,
        lower_milli -> Integer,
        upper_milli -> Integer,
        lower_incl -> Bool,
        upper_incl -> Bool,
        is_deficit -> Bool,
        severity -> Integer,
    }
}

diesel::table! {
    /// An additional professional programme (ДПП ПК or ПП).
    programme (id) {
        id -> BigInt,
        code -> Text,
        name -> Text,
        search_key -> Text,
        kind -> Text,
        hours -> Integer,
        form -> Nullable<Text>,
        provider_id -> Nullable<BigInt>,
        federal_ref -> Nullable<Text>,
        distance -> Bool,
        e_learning -> Bool,
        deficit_based -> Bool,
        priority_federal -> Bool,
        version -> Integer,
        recorded_at -> Timestamp,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Competences that a programme develops.
    programme_competence (programme_id, competence_id) {
        programme_id -> BigInt,
        competence_id -> BigInt,
    }
}

diesel::table! {
    /// Topics of a programme (dictionary of topics).
    programme_topic (programme_id, topic) {
        programme_id -> BigInt,
        topic -> Text,
    }
}

diesel::table! {
    /// An assessment procedure as held: version, organiser, dates, how long its results stay valid.
    procedure (id) {
        id -> BigInt,
        code -> Text,
        name -> Text,
        kind -> Text,
        level -> Nullable<Text>,
        organiser_id -> Nullable<BigInt>,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        valid_days -> Nullable<Integer>,
        described -> Bool,
        version -> Integer,
        recorded_at -> Timestamp,
        batch_id -> Nullable<BigInt>,
        region_id -> Nullable<BigInt>,
        audience -> Nullable<Text>,
        framework -> Nullable<Text>,
        scale_id -> Nullable<BigInt>,
        purpose -> Nullable<Text>,
        consent_text -> Nullable<Text>,
        released_on -> Nullable<Date>,
        previous_id -> Nullable<BigInt>,
        statute_link -> Nullable<Text>,
        instrument_link -> Nullable<Text>,
        tool -> Nullable<Text>,
        state -> Text,
    }
}

diesel::table! {
    /// Who is invited to a procedure, what was answered, who came.
    procedure_person (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        procedure_id -> BigInt,
        person_id -> BigInt,
        why -> Text,
        answer -> Nullable<Text>,
        answered_at -> Nullable<Timestamp>,
        consent_digest -> Nullable<Text>,
        came -> Nullable<Bool>,
        first_seen_at -> Nullable<Timestamp>,
        version -> Integer,
        recorded_at -> Timestamp,
        asked_by_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// One person's passage of a procedure.
    diagnosis (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        person_id -> BigInt,
        procedure_id -> BigInt,
        kind -> Text,
        level -> Nullable<Text>,
        held_on -> Date,
        organiser_id -> Nullable<BigInt>,
        consent -> Nullable<Text>,
        withdrawn_at -> Nullable<Timestamp>,
        recorded_at -> Timestamp,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// A result of a passage by competence: scores in thousandths. A replaced result stays, superseded.
    diagnosis_result (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        diagnosis_id -> BigInt,
        person_id -> BigInt,
        competence_id -> BigInt,
        subject -> Text,
        raw_milli -> Integer,
        max_milli -> Integer,
        scale_id -> BigInt,
        source_sheet -> Text,
        source_row -> Integer,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
        batch_id -> Nullable<BigInt>,
        tool_level -> Nullable<Text>,
    }
}

diesel::table! {
    /// The results of a procedure read by another scale.
    rescale (id) {
        id -> BigInt,
        region_id -> BigInt,
        procedure_id -> BigInt,
        scale_id -> BigInt,
        reason -> Text,
        results -> Integer,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// A platform of diagnostics with a reading of its wide files.
    tool (id) {
        id -> BigInt,
        region_id -> BigInt,
        name -> Text,
        version -> Integer,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// What a column of the wide files of a platform holds.
    tool_column (id) {
        id -> BigInt,
        tool_id -> BigInt,
        header -> Text,
        header_key -> Text,
        competence_id -> BigInt,
        subject -> Text,
        part -> Text,
        max_milli -> Nullable<Integer>,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// A version of the questionnaire of the self-assessment: its text as it was read.
    questionnaire (id) {
        id -> BigInt,
        code -> Text,
        version -> Integer,
        title -> Text,
        source -> Text,
        procedure_id -> BigInt,
        valid_from -> Date,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// A person's way through a questionnaire.
    own_attempt (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        person_id -> BigInt,
        questionnaire_id -> BigInt,
        state -> Text,
        begun_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        diagnosis_id -> Nullable<BigInt>,
        version -> Integer,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// What was chosen for a statement; empty: it is not about this person's work.
    own_answer (region_id, attempt_id, statement) {
        region_id -> BigInt,
        attempt_id -> BigInt,
        statement -> Text,
        value -> Nullable<Integer>,
        answered_at -> Timestamp,
    }
}

diesel::table! {
    /// A version of the drafting rules: what was loaded, kept as it was.
    rule_set (id) {
        id -> BigInt,
        code -> Text,
        version -> Integer,
        source -> Text,
        loaded_at -> Timestamp,
        region_id -> Nullable<BigInt>,
        account_id -> Nullable<BigInt>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    /// An individual educational route (ИОМ).
    iom (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        person_id -> BigInt,
        number -> Text,
        origin -> Text,
        state -> Text,
        outcome -> Nullable<Text>,
        close_reason -> Nullable<Text>,
        procedure_id -> Nullable<BigInt>,
        rule_set_id -> Nullable<BigInt>,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
        first_visible_on -> Nullable<Date>,
        agreed_on -> Nullable<Date>,
        closed_on -> Nullable<Date>,
        revision -> Integer,
        on_platform -> Bool,
        follow_up_diagnosis_id -> Nullable<BigInt>,
        conclusion -> Nullable<Text>,
        author_id -> Nullable<BigInt>,
        version -> Integer,
        recorded_at -> Timestamp,
        request -> Nullable<Text>,
        template_id -> Nullable<BigInt>,
        template_version -> Nullable<Integer>,
        paused_until -> Nullable<Date>,
    }
}

diesel::table! {
    /// The states of a plan with the dates of the acts that caused them.
    iom_state (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        iom_id -> BigInt,
        state -> Text,
        outcome -> Nullable<Text>,
        reason -> Nullable<Text>,
        on_date -> Date,
        account_id -> Nullable<BigInt>,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// A frozen version of an approved plan.
    iom_revision (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        iom_id -> BigInt,
        number -> Integer,
        reason -> Text,
        on_date -> Date,
        account_id -> Nullable<BigInt>,
        body -> Text,
        digest -> Text,
        recorded_at -> Timestamp,
        basis -> Nullable<Text>,
        on_behalf_of_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// The deficits a plan was drafted from (the snapshot of the profile) and the outcome of each.
    iom_deficit (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        iom_id -> BigInt,
        competence_id -> BigInt,
        result_id -> Nullable<BigInt>,
        level -> Text,
        severity -> Integer,
        raw_milli -> Integer,
        max_milli -> Integer,
        outcome -> Nullable<Text>,
        outcome_on -> Nullable<Date>,
        outcome_by_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// What a plan is for.
    iom_goal (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        iom_id -> BigInt,
        basis -> Text,
        deficit_id -> Nullable<BigInt>,
        title -> Text,
        number -> Integer,
        task -> Nullable<Text>,
        expected -> Nullable<Text>,
        removed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// A step of a plan. `rule` and `deficit_id` answer «Почему здесь».
    iom_item (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        iom_id -> BigInt,
        number -> Integer,
        state -> Text,
        title -> Text,
        programme_id -> Nullable<BigInt>,
        education_form -> Text,
        level -> Nullable<Text>,
        mandatory -> Bool,
        hours -> Integer,
        due_on -> Nullable<Date>,
        topics -> Text,
        rule -> Nullable<Text>,
        rule_set_id -> Nullable<BigInt>,
        deficit_id -> Nullable<BigInt>,
        settled_on -> Nullable<Date>,
        document_id -> Nullable<BigInt>,
        version -> Integer,
        recorded_at -> Timestamp,
        category -> Nullable<Text>,
        study_form -> Nullable<Text>,
        organiser -> Nullable<Text>,
        accompaniment -> Nullable<Text>,
        expected -> Nullable<Text>,
        after_item_id -> Nullable<BigInt>,
        added_on -> Nullable<Date>,
        reason -> Nullable<Text>,
        template_step -> Nullable<Text>,
    }
}

diesel::table! {
    /// A person who accompanies a plan, in a kind, dated.
    supporter (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        iom_id -> BigInt,
        account_id -> BigInt,
        kind -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// Every act on a plan with its own date: marks, reviews, help, moves. Append-only; the plan's timeline.
    iom_act (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        iom_id -> BigInt,
        item_id -> Nullable<BigInt>,
        act -> Text,
        on_date -> Date,
        account_id -> Nullable<BigInt>,
        value -> Nullable<Text>,
        reason -> Nullable<Text>,
        recorded_at -> Timestamp,
        on_behalf_of_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// A document on training; one document may close many steps.
    qualification_document (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        person_id -> BigInt,
        kind -> Text,
        issuer_id -> Nullable<BigInt>,
        programme_id -> Nullable<BigInt>,
        number -> Text,
        issued_on -> Date,
        hours -> Nullable<Integer>,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// A person's way to a course: application, agreement, seat, completion.
    enrolment (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        person_id -> BigInt,
        programme_id -> BigInt,
        item_id -> Nullable<BigInt>,
        state -> Text,
        applied_on -> Date,
        changed_on -> Date,
        reason -> Nullable<Text>,
        document_id -> Nullable<BigInt>,
        version -> Integer,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// A period over which facts are kept, with the reference date and the counting parameter that packs share.
    fact_period (id) {
        id -> BigInt,
        code -> Text,
        basis -> Text,
        kind -> Text,
        starts_on -> Date,
        ends_on -> Date,
        reference_on -> Date,
        external_part -> Bool,
        opened_at -> Timestamp,
    }
}

diesel::table! {
    /// What is known of a person in a period: recomputed whenever something it rests on changes.
    person_fact (region_id, period_id, person_id) {
        region_id -> BigInt,
        period_id -> BigInt,
        person_id -> BigInt,
        pedagogical -> Bool,
        leader -> Bool,
        young -> Bool,
        first_three_years -> Bool,
        diagnosed_kinds -> Text,
        deficits -> Integer,
        deficit_groups -> Text,
        iom_formed -> Bool,
        iom_live -> Bool,
        iom_realised -> Bool,
        supported -> Bool,
        supported_by_regional_methodist -> Bool,
        trained -> Bool,
        topics_formed -> Text,
        topics_realised -> Text,
        topics_trained -> Text,
        reason -> Text,
        age -> Nullable<Integer>,
        experience -> Nullable<Integer>,
        workload_milli -> Nullable<Integer>,
        subjects -> Text,
        activities -> Text,
        marks -> Text,
    }
}

diesel::table! {
    /// Where a person counts in a period: an organisation and in which population there.
    person_place (region_id, period_id, person_id, organisation_id) {
        region_id -> BigInt,
        period_id -> BigInt,
        person_id -> BigInt,
        organisation_id -> BigInt,
        pedagogical -> Bool,
        leader -> Bool,
        bridged -> Bool,
        marks -> Integer,
        scattered -> Bool,
    }
}

diesel::table! {
    /// What is known of a plan in a period.
    iom_fact (region_id, period_id, iom_id) {
        region_id -> BigInt,
        period_id -> BigInt,
        iom_id -> BigInt,
        person_id -> BigInt,
        formed -> Bool,
        live -> Bool,
        realised -> Bool,
        supporter_kinds -> Text,
        topics -> Text,
        reason -> Text,
    }
}

diesel::table! {
    /// Counts of one organisation in leaf order, or what seeing several together adds to those of fewer.
    counter (region_id, period_id, organisation_id, together) {
        region_id -> BigInt,
        period_id -> BigInt,
        organisation_id -> BigInt,
        together -> Text,
        leaves -> Text,
        counts -> Text,
    }
}

diesel::table! {
    /// A leaf that loaded packs need: its canonical text and its place in the packed array.
    leaf (id) {
        id -> BigInt,
        basis -> Text,
        number -> Integer,
        canonical -> Text,
    }
}

diesel::table! {
    /// A methodology pack as loaded.
    pack (id) {
        id -> BigInt,
        code -> Text,
        version -> Integer,
        title -> Text,
        source -> Text,
        digest -> Text,
        loaded_at -> Timestamp,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// Tables of a system as somebody published them, as printed.
    published_table (id) {
        id -> BigInt,
        pack -> Text,
        name -> Text,
        digest -> Text,
        content -> Text,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// A release of values that never changes.
    edition (id) {
        id -> BigInt,
        region_id -> BigInt,
        number -> Integer,
        pack -> Text,
        period -> Text,
        title -> Text,
        released_at -> Timestamp,
        account_id -> Nullable<BigInt>,
        on_behalf_of_id -> Nullable<BigInt>,
        released_by -> Text,
        as_of -> Date,
        pack_version -> Integer,
        pack_digest -> Text,
        before_id -> Nullable<BigInt>,
        salt -> Text,
        digest -> Text,
    }
}

diesel::table! {
    /// What an edition says, in parts.
    edition_part (id) {
        id -> BigInt,
        edition_id -> BigInt,
        kind -> Text,
        name -> Text,
        place -> Integer,
        digest -> Text,
        content -> Binary,
    }
}

diesel::table! {
    /// What was done with an edition after its release.
    edition_act (id) {
        id -> BigInt,
        edition_id -> BigInt,
        act -> Text,
        account_id -> BigInt,
        on_behalf_of_id -> Nullable<BigInt>,
        by_name -> Text,
        remark -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// A release that somebody asked for on a page.
    edition_order (id) {
        id -> BigInt,
        region_id -> BigInt,
        pack -> Text,
        period -> Text,
        title -> Text,
        seen_id -> Nullable<BigInt>,
        account_id -> BigInt,
        on_behalf_of_id -> Nullable<BigInt>,
        by_name -> Text,
        state -> Text,
        edition_id -> Nullable<BigInt>,
        problem -> Nullable<Text>,
        recorded_at -> Timestamp,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    /// A value entered or reported for a unit in a period; never overwritten by what is computed.
    measure_value (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        unit_id -> BigInt,
        measure -> Text,
        period -> Text,
        value_milli -> Nullable<BigInt>,
        value_text -> Nullable<Text>,
        source -> Text,
        account_id -> Nullable<BigInt>,
        submission_id -> Nullable<BigInt>,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
        batch_id -> Nullable<BigInt>,
        numerator_milli -> Nullable<BigInt>,
        denominator_milli -> Nullable<BigInt>,
        expert -> Text,
        link -> Nullable<Text>,
        checked_by -> Nullable<BigInt>,
        checked_on -> Nullable<Date>,
        on_behalf_of_id -> Nullable<BigInt>,
        examination_unit_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Which points a value on the shared edge of two bands gets.
    edge_choice (id) {
        id -> BigInt,
        pack -> Text,
        indicator -> Text,
        edge_milli -> BigInt,
        points_milli -> BigInt,
        reason -> Text,
        account_id -> Nullable<BigInt>,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// A file brought by a page: its columns looked at, tried without writing, then loaded as a batch.
    upload (id) {
        id -> BigInt,
        region_id -> BigInt,
        account_id -> BigInt,
        kind -> Text,
        mode -> Text,
        file_name -> Text,
        file_digest -> Text,
        state -> Text,
        chosen -> Text,
        preview -> Text,
        report -> Nullable<Text>,
        problem -> Nullable<Text>,
        batch_code -> Nullable<Text>,
        version -> Integer,
        recorded_at -> Timestamp,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    /// A workbook of a round trip that was brought back: what it says waits for an answer and is forgotten in a day.
    returned_file (id) {
        id -> BigInt,
        region_id -> BigInt,
        account_id -> BigInt,
        list -> Text,
        file_name -> Text,
        file_digest -> Text,
        content -> Text,
        state -> Text,
        outcome -> Nullable<Text>,
        recorded_at -> Timestamp,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    /// A template of plans in one version.
    iom_template (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        record_id -> BigInt,
        code -> Text,
        title -> Text,
        body -> Text,
        digest -> Text,
        version -> Integer,
        account_id -> Nullable<BigInt>,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// The teacher has read a revision: once, as it stood.
    iom_acquaintance (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        iom_id -> BigInt,
        revision -> Integer,
        account_id -> BigInt,
        on_date -> Date,
        way -> Text,
        body_digest -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// A file that a teacher handed in with a step: what was sent for review.
    iom_evidence (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        iom_id -> BigInt,
        item_id -> BigInt,
        act_id -> BigInt,
        person_id -> BigInt,
        file_name -> Text,
        media -> Text,
        size -> Integer,
        digest -> Text,
        stored_as -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// The register of events: a day or more of a series over several units, with participants counted without names.
    event (id) {
        id -> BigInt,
        region_id -> BigInt,
        code -> Text,
        series -> Nullable<Text>,
        title -> Text,
        search_key -> Text,
        family -> Text,
        kind -> Text,
        level -> Text,
        starts_on -> Date,
        ends_on -> Date,
        organiser_id -> Nullable<BigInt>,
        organiser -> Nullable<Text>,
        participants -> Nullable<Integer>,
        link -> Nullable<Text>,
        version -> Integer,
        recorded_at -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_reason -> Nullable<Text>,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Units that took part in an event, each with its participants counted.
    event_unit (event_id, unit_id) {
        event_id -> BigInt,
        unit_id -> BigInt,
        participants -> Nullable<Integer>,
    }
}

diesel::table! {
    /// A body: council, union, association, working group, management team, partner, authority, provider; with its level and home unit.
    body (id) {
        id -> BigInt,
        region_id -> BigInt,
        code -> Text,
        name -> Text,
        search_key -> Text,
        kind -> Text,
        level -> Text,
        unit_id -> Nullable<BigInt>,
        duties -> Nullable<Text>,
        link -> Nullable<Text>,
        version -> Integer,
        recorded_at -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_reason -> Nullable<Text>,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// One dated record of one person: took part, helped, was an expert, passed, was supported, was awarded. `record_id` stays
    /// through its versions; a replaced version stays, superseded.
    activity (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        record_id -> BigInt,
        person_id -> BigInt,
        family -> Text,
        kind -> Text,
        level -> Nullable<Text>,
        role -> Nullable<Text>,
        title -> Text,
        title_key -> Text,
        category -> Nullable<Text>,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
        event_id -> Nullable<BigInt>,
        body_id -> Nullable<BigInt>,
        organiser_id -> Nullable<BigInt>,
        organiser -> Nullable<Text>,
        result -> Nullable<Text>,
        hours_milli -> Nullable<Integer>,
        document -> Nullable<Text>,
        link -> Nullable<Text>,
        version -> Integer,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_reason -> Nullable<Text>,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// A dated membership of a person in a body. valid_to is exclusive, NULL is open.
    body_member (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        record_id -> BigInt,
        body_id -> BigInt,
        person_id -> BigInt,
        role -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        version -> Integer,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_reason -> Nullable<Text>,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// A mentor and a mentee from day to day; `documents` is the set of kinds of documents that the pair has. valid_to is
    /// exclusive, NULL is open.
    mentoring_pair (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        record_id -> BigInt,
        mentor_id -> BigInt,
        mentee_id -> BigInt,
        form -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        documents -> Text,
        link -> Nullable<Text>,
        outcome -> Nullable<Text>,
        version -> Integer,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_reason -> Nullable<Text>,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Somebody in the base of mentors, with the card of qualities. valid_to is exclusive, NULL is open.
    mentor_card (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        record_id -> BigInt,
        person_id -> BigInt,
        qualities -> Text,
        subject -> Nullable<Text>,
        trained_on -> Nullable<Date>,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        version -> Integer,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_reason -> Nullable<Text>,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// What units undertake: sites, projects, programmes, agreements, platforms, banks of materials. `level` and the days are its
    /// own; `checked_by` and `checked_on` say who opened the link and when.
    undertaking (id) {
        id -> BigInt,
        region_id -> BigInt,
        code -> Text,
        kind -> Text,
        title -> Text,
        search_key -> Text,
        about -> Nullable<Text>,
        subject -> Nullable<Text>,
        level -> Text,
        unit_id -> Nullable<BigInt>,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
        state -> Text,
        act -> Nullable<Text>,
        act_on -> Nullable<Date>,
        link -> Nullable<Text>,
        checked_by -> Nullable<BigInt>,
        checked_on -> Nullable<Date>,
        version -> Integer,
        recorded_at -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_reason -> Nullable<Text>,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Bodies that are parties to it or partners in it.
    undertaking_party (undertaking_id, body_id) {
        undertaking_id -> BigInt,
        body_id -> BigInt,
    }
}

diesel::table! {
    /// Units that take part in it beside its own.
    undertaking_unit (undertaking_id, unit_id) {
        undertaking_id -> BigInt,
        unit_id -> BigInt,
    }
}

diesel::table! {
    /// What a body said of it: expertise with day, outcome and level.
    expertise (id) {
        id -> BigInt,
        region_id -> BigInt,
        undertaking_id -> BigInt,
        body_id -> BigInt,
        held_on -> Date,
        level -> Text,
        outcome -> Text,
        note -> Nullable<Text>,
        version -> Integer,
        recorded_at -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_reason -> Nullable<Text>,
    }
}

diesel::table! {
    /// People who take part in it, from day to day; valid_to is exclusive, NULL is open.
    undertaking_person (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        undertaking_id -> BigInt,
        person_id -> BigInt,
        role -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        version -> Integer,
        recorded_at -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_reason -> Nullable<Text>,
    }
}

diesel::table! {
    /// A publication or material; `addressees` is a set of codes of the dictionary.
    publication (id) {
        id -> BigInt,
        region_id -> BigInt,
        code -> Text,
        kind -> Text,
        title -> Text,
        search_key -> Text,
        year -> Integer,
        journal -> Nullable<Text>,
        subject -> Nullable<Text>,
        addressees -> Text,
        unit_id -> Nullable<BigInt>,
        link -> Nullable<Text>,
        version -> Integer,
        recorded_at -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_reason -> Nullable<Text>,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Its authors in their order: somebody of the staff, or the name of an outsider.
    publication_author (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        publication_id -> BigInt,
        place -> Integer,
        person_id -> Nullable<BigInt>,
        name -> Nullable<Text>,
    }
}

diesel::table! {
    /// An act or an order: unit_id is whose it is; the issuer is that unit, a body or somebody outside. valid_to is
    /// exclusive, NULL is open.
    regulation (id) {
        id -> BigInt,
        region_id -> BigInt,
        unit_id -> BigInt,
        body_id -> Nullable<BigInt>,
        issuer -> Nullable<Text>,
        issuer_key -> Text,
        level -> Text,
        kind -> Text,
        number -> Text,
        number_key -> Text,
        issued_on -> Date,
        title -> Text,
        search_key -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        replaces_id -> Nullable<BigInt>,
        link -> Nullable<Text>,
        is_public -> Bool,
        pack -> Nullable<Text>,
        period -> Nullable<Text>,
        stage -> Nullable<Text>,
        version -> Integer,
        recorded_at -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_reason -> Nullable<Text>,
    }
}

diesel::table! {
    /// What a unit has to do by the calendar of a pack, once somebody was reminded of it or marked it.
    calendar_task (id) {
        id -> BigInt,
        region_id -> BigInt,
        unit_id -> BigInt,
        pack -> Text,
        item -> Text,
        occurrence -> Text,
        done_on -> Nullable<Date>,
        regulation_id -> Nullable<BigInt>,
        link -> Nullable<Text>,
        account_id -> Nullable<BigInt>,
        version -> Integer,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// The personnel reserve of leaders: from which day, by which version of which rule and why; how it ended. valid_to is
    /// exclusive, NULL is open.
    reserve_member (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        person_id -> BigInt,
        state -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        rule -> Text,
        rule_version -> Integer,
        why -> Text,
        note -> Nullable<Text>,
        version -> Integer,
        recorded_at -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_reason -> Nullable<Text>,
    }
}

diesel::table! {
    /// A vacancy as one list names it. valid_to is exclusive, NULL is open.
    vacancy (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        organisation_id -> BigInt,
        position -> Text,
        position_key -> Text,
        subject -> Text,
        subject_key -> Text,
        rate_milli -> Nullable<Integer>,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        source -> Text,
        link -> Nullable<Text>,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
        batch_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// What part of a full rate an account works as a supporter of a role, and its own limit of plans.
    supporter_capacity (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        account_id -> BigInt,
        role -> Text,
        rate_milli -> Integer,
        most -> Nullable<Integer>,
        version -> Integer,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// What a supporter writes down of the work on a plan.
    support_note (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        iom_id -> BigInt,
        account_id -> BigInt,
        kind -> Text,
        on_date -> Date,
        text -> Text,
        result -> Nullable<Text>,
        shared -> Bool,
        version -> Integer,
        recorded_at -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
        written_by_id -> Nullable<BigInt>,
        item_id -> Nullable<BigInt>,
        transfer -> Nullable<Text>,
    }
}

diesel::table! {
    /// A printed sheet of steps that waited for review.
    mark_sheet (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        number -> Text,
        account_id -> BigInt,
        printed_on -> Date,
        size -> Integer,
        version -> Integer,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// A row of such a sheet: the step as it was printed, the code of the row, and what came of the mark.
    mark_row (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        sheet_id -> BigInt,
        place -> Integer,
        iom_id -> BigInt,
        item_id -> BigInt,
        item_version -> Integer,
        code -> Text,
        outcome -> Nullable<Text>,
        marked_on -> Nullable<Date>,
        remark -> Nullable<Text>,
        why -> Nullable<Text>,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// How else tables name units: every name of a unit of a pack in force, as a key, with the key of its own name there.
    unit_synonym (pack, name_key) {
        pack -> Text,
        name_key -> Text,
        own_key -> Text,
    }
}

diesel::table! {
    /// Who signs the papers of plans of a region, from a day on; the next one ends it.
    signer (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        place -> Text,
        post -> Text,
        name -> Text,
        valid_from -> Date,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// Which blocks the papers of a region show, a set of codes.
    paper_setting (region_id) {
        region_id -> BigInt,
        blocks -> Text,
        version -> Integer,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// A detached signature of a paper, with the paper as it was signed.
    signature_file (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        iom_id -> BigInt,
        revision -> Integer,
        document -> Text,
        body_digest -> Text,
        paper_as -> Text,
        paper_digest -> Text,
        stored_as -> Text,
        file_digest -> Text,
        size -> Integer,
        signer -> Text,
        signed_on -> Nullable<Date>,
        account_id -> BigInt,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// A collection window of a region: which units answer by which days, and what they are asked.
    campaign (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        code -> Text,
        pack -> Text,
        template -> Text,
        title -> Text,
        period -> Text,
        level -> Text,
        opens_on -> Date,
        due_on -> Date,
        locks_on -> Date,
        tolerance_milli -> BigInt,
        guide -> Text,
        fields -> Text,
        account_id -> Nullable<BigInt>,
        on_behalf_of_id -> Nullable<BigInt>,
        recorded_at -> Timestamp,
        regulation_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// A survey of people of a region; questions are JSON.
    survey (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        pack -> Text,
        template -> Text,
        title -> Text,
        guide -> Text,
        audience -> Text,
        opens_on -> Date,
        closes_on -> Date,
        minutes -> Integer,
        questions -> Text,
        regulation_id -> Nullable<BigInt>,
        version -> Integer,
        account_id -> Nullable<BigInt>,
        on_behalf_of_id -> Nullable<BigInt>,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// Who has answered a survey, and where the person worked then.
    survey_participant (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        survey_id -> BigInt,
        person_id -> BigInt,
        organisation_id -> BigInt,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// The answers of one person together; whose they are is nowhere.
    survey_sheet (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        survey_id -> BigInt,
        organisation_id -> BigInt,
    }
}

diesel::table! {
    /// What was answered to a question of a survey: the place of an option, or words.
    survey_answer (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        survey_sheet_id -> BigInt,
        question -> Text,
        choice -> Nullable<Integer>,
        words -> Nullable<Text>,
    }
}

diesel::table! {
    /// The answer of a unit in a campaign and where it stands.
    submission (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        campaign_id -> BigInt,
        unit_id -> BigInt,
        state -> Text,
        extended_to -> Nullable<Date>,
        sent_on -> Nullable<Date>,
        version -> Integer,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// What a unit says in a field of its report; a change supersedes the row before.
    submission_value (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        submission_id -> BigInt,
        field -> Text,
        upper_milli -> Nullable<BigInt>,
        lower_milli -> Nullable<BigInt>,
        typed -> Bool,
        link -> Nullable<Text>,
        explanation -> Nullable<Text>,
        account_id -> BigInt,
        on_behalf_of_id -> Nullable<BigInt>,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// What was done with a report, each with its own day, and from which state to which it took it.
    submission_act (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        submission_id -> BigInt,
        act -> Text,
        state_before -> Text,
        state_after -> Text,
        on_date -> Date,
        account_id -> BigInt,
        on_behalf_of_id -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// A yearly examination of units by experts; what is scored stays as it was when it was opened.
    examination (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        pack -> Text,
        period -> Text,
        title -> Text,
        order_id -> Nullable<BigInt>,
        letter_id -> Nullable<BigInt>,
        documents_until -> Date,
        scoring_until -> Date,
        appeals_until -> Date,
        divergence_milli -> BigInt,
        sheet -> Text,
        version -> Integer,
        account_id -> Nullable<BigInt>,
        on_behalf_of_id -> Nullable<BigInt>,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// A unit that is examined.
    examination_unit (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        examination_id -> BigInt,
        unit_id -> BigInt,
        announced_on -> Nullable<Date>,
        version -> Integer,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// An expert of such a unit, with the sections that are the expert's.
    examination_expert (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        examination_unit_id -> BigInt,
        account_id -> BigInt,
        sections -> Text,
        done_on -> Nullable<Date>,
        version -> Integer,
        recorded_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// What a unit shows for a criterion, or its word that there is nothing.
    examination_document (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        examination_unit_id -> BigInt,
        criterion -> Text,
        is_absent -> Bool,
        kind -> Text,
        title -> Text,
        number -> Text,
        issued_on -> Nullable<Date>,
        link -> Nullable<Text>,
        regulation_id -> Nullable<BigInt>,
        account_id -> BigInt,
        on_behalf_of_id -> Nullable<BigInt>,
        recorded_at -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// What an expert says of a criterion.
    examination_point (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        examination_expert_id -> BigInt,
        criterion -> Text,
        value_milli -> Nullable<BigInt>,
        is_absent -> Bool,
        note -> Text,
        errors -> Text,
        account_id -> BigInt,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// What a unit does not agree with, and what was decided.
    examination_appeal (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        examination_unit_id -> BigInt,
        criterion -> Text,
        reason -> Text,
        link -> Nullable<Text>,
        account_id -> BigInt,
        on_behalf_of_id -> Nullable<BigInt>,
        recorded_at -> Timestamp,
        decided_milli -> Nullable<BigInt>,
        decided_why -> Nullable<Text>,
        decided_by -> Nullable<BigInt>,
        decided_in_stead_of -> Nullable<BigInt>,
        decided_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// What was done with a unit that is examined.
    examination_act (region_id, id) {
        id -> BigInt,
        region_id -> BigInt,
        examination_unit_id -> BigInt,
        act -> Text,
        examination_expert_id -> Nullable<BigInt>,
        criterion -> Nullable<Text>,
        reason -> Nullable<Text>,
        on_date -> Date,
        account_id -> BigInt,
        on_behalf_of_id -> Nullable<BigInt>,
        recorded_at -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    tool,
    tool_column,
    setting,
    process_lease,
    audit_event,
    audit_seal,
    job,
    outbox_mail,
    notice,
    notice_choice,
    calendar_feed,
    request_key,
    import_batch,
    import_row,
    unit,
    unit_link,
    unit_stamp,
    person,
    person_name,
    person_alias,
    employment,
    employment_subject,
    account,
    role_grant,
    session,
    delegation,
    delegated_work,
    former_address,
    bulk_export,
    first_code,
    one_time_link,
    secret_failure,
    second_factor,
    recovery_code,
    competence_group,
    competence,
    scale,
    scale_band,
    programme,
    programme_competence,
    programme_topic,
    procedure,
    procedure_person,
    diagnosis,
    diagnosis_result,
    questionnaire,
    own_attempt,
    own_answer,
    rule_set,
    iom,
    iom_state,
    iom_revision,
    iom_deficit,
    iom_goal,
    iom_item,
    supporter,
    supporter_capacity,
    support_note,
    iom_act,
    qualification_document,
    enrolment,
    fact_period,
    person_fact,
    person_place,
    iom_fact,
    counter,
    leaf,
    pack,
    published_table,
    edition,
    edition_part,
    edition_act,
    edition_order,
    measure_value,
    edge_choice,
    upload,
    returned_file,
    iom_evidence,
    iom_acquaintance,
    iom_template,
    event,
    event_unit,
    body,
    activity,
    body_member,
    mentoring_pair,
    mentor_card,
    undertaking,
    undertaking_party,
    undertaking_unit,
    expertise,
    undertaking_person,
    publication,
    publication_author,
    reserve_member,
    vacancy,
    regulation,
    calendar_task,
    unit_synonym,
    mark_sheet,
    mark_row,
    signer,
    paper_setting,
    signature_file,
    campaign,
    submission,
    submission_value,
    submission_act,
    examination,
    examination_unit,
    examination_expert,
    examination_document,
    examination_point,
    examination_appeal,
    examination_act,
    survey,
    survey_participant,
    survey_sheet,
    survey_answer,
);

// Answers of a survey are counted by question and by where people work.
diesel::allow_columns_to_appear_in_same_group_by_clause!(survey_answer::question, survey_sheet::organisation_id,);
