//! Packs of methodology on screen: checked with lines and advice, told what would change, put in force as versions that
//! stay readable, compared with each other.

use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, unit};

const PASSWORD: &str = "хороший длинный пароль";

fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    for (id, (login, role, over)) in (1..).zip([
        ("operator", "operator", unit(NORTH, 0)),
        ("south", "operator", unit(SOUTH, 0)),
        ("head", "cnppm_head", unit(NORTH, 0)),
        ("ministry", "regional_authority", unit(NORTH, 0)),
    ]) {
        world.account(id, login, None, &[(role, over)]);
    }
    world.build(v);
    v.sql(
        "INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version) \
           VALUES (900, 'admin', '', 'active', 1, '2022-01-01 00:00:00', 1)",
    );
    v.sql("INSERT INTO role_grant (id, account_id, role, recorded_at) VALUES (900, 900, 'system_admin', '2022-01-01 00:00:00')");
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    Server::start(v)
}

fn shipped(code: &str) -> String {
    std::fs::read_to_string(format!("seeds/packs/{code}.toml")).expect("the pack")
}

/// The text in the form of a page, as a browser would send it.
pub fn typed(page: &Page) -> String {
    let text = page
        .body
        .split("<textarea")
        .nth(1)
        .and_then(|t| t.split_once('>'))
        .map_or("", |(_, t)| t);
    let text = text.split("</textarea>").next().unwrap_or_default();
    let plain = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x3D;", "="),
        ("&#x60;", "`"),
        ("&amp;", "&"),
    ];
    plain
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The version that a page shows.
pub fn seen(page: &Page) -> String {
    let rest = page.body.split("name=\"seen\" value=\"").nth(1).expect("a version");
    rest.split('"').next().expect("its end").to_owned()
}

/// Checks a text of a pack, or puts it in force, as a browser would.
#[track_caller]
pub fn send(who: &mut Visitor, code: &str, act: &str, seen: &str, text: &str) -> Page {
    let page = who.get("/packs");
    // A browser ends lines its own way.
    let text = text.replace('\n', "\r\n");
    who.send(
        &page,
        &format!("/packs/{code}"),
        &[("act", act), ("seen", seen), ("text", &text)],
    )
}

on_both! {
    // rows: TY-F31, TY-F38
    fn a_pack_is_edited_on_screen_as_versions_that_stay_and_can_be_compared(v: &Vekha) {
        let server = world(v);
        let own = shipped("tyumen");
        let path = v.file("tyumen.toml", &own);
        let _loaded = v.run(&["pack", "load", text(&path)]).ok();
        let mut operator = server.signed_in("operator", PASSWORD);
        let list = operator.get("/packs");
        assert!(list.body.contains("/packs/tyumen") && list.body.contains("не введена"), "{}", list.body);
        let page = operator.get("/packs/tyumen");
        assert_eq!(typed(&page), own, "the text comes as it is");
        let stands = seen(&page);
        // A check writes nothing: it names lines with advice, or what would change.
        let line = own.lines().position(|l| l.contains("pedagogical")).expect("a formula") + 1;
        let broken = own.replacen("pedagogical", "pedagogik", 1);
        let answer = send(&mut operator, "tyumen", "check", &stands, &broken);
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains(&format!(">{line}</td>")) && answer.body.contains("pedagogik"), "{}", answer.body);
        assert_eq!(typed(&answer), broken, "what was typed stays");
        // One indicator goes, one comes, of another the target and the maximum change.
        let blocks: Vec<&str> = own.split("\n[[indicator]]\n").collect();
        // One that nothing else in the text names.
        let code = |block: &str| block.split('"').nth(1).expect("a code").to_owned();
        let alone = |block: &&&str| own.matches(&format!("\"{}\"", code(block))).count() == 1;
        let block = blocks.iter().skip(1).find(alone).expect("such an indicator");
        let gone = code(block);
        let mut next: String = own.replacen(&format!("\n[[indicator]]\n{block}"), "", 1);
        next = next.replacen("version = 2", "version = 3", 1);
        next = next.replacen("\"2022/23\" = 29", "\"2022/23\" = 30", 1);
        // Its criteria have as many points together.
        next = next.replacen("{ \"2022/23\" = 1 }", "{ \"2022/23\" = 2 }", 1);
        next.push_str(
            "\n[[indicator]]\ncode = \"9.9\"\ntitle = \"Наставники в школах\"\nformula = \"count(person where pedagogical)\"\n\
             population = \"все\"\nunit = \"чел.\"\ndirection = \"neutral\"\nsource = \"приказ\"\n",
        );
        assert!(next.contains("\"2022/23\" = 30"), "a maximum of the year was there");
        let answer = send(&mut operator, "tyumen", "check", &stands, &next);
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.body.contains("Показателей новых: 1, исключается: 1, меняется: 1"), "{}", answer.body);
        for said in ["Наставники в школах", "Наибольший балл по годам", "2022/23: 30"] {
            assert!(answer.body.contains(said), "{said}: {}", answer.body);
        }
        let packs = "SELECT count(*) AS n FROM pack";
        assert_eq!(number(v, packs), 1, "a check is no version");
        // The version must grow, and the code is the pack's own.
        let same = next.replacen("version = 3", "version = 2", 1);
        let answer = send(&mut operator, "tyumen", "load", &stands, &same);
        assert!(answer.status == 422 && answer.body.contains("напишите в тексте version &#x3D; 3"), "{}", answer.body);
        let foreign = next.replacen("code = \"tyumen\"", "code = \"other\"", 1);
        assert_eq!(send(&mut operator, "tyumen", "load", &stands, &foreign).status, 422);
        assert_eq!(send(&mut operator, "tyumen", "load", &stands, &broken).status, 422);
        assert_eq!(send(&mut operator, "tyumen", "load", &stands, &own).status, 422, "nothing differs");
        assert_eq!(number(v, packs), 1);
        let answer = send(&mut operator, "tyumen", "load", &stands, &next);
        assert_eq!((answer.status, answer.header("location")), (303, "/packs/tyumen?done=3"), "{}", answer.body);
        assert_eq!(v.query("SELECT version FROM pack WHERE retired_at IS NULL"), ["3"]);
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'indicators.pack_edit' AND account_id = 1"), 1);
        // Who comes second is told what the other one did, and keeps what was typed.
        let mut south = server.signed_in("south", PASSWORD);
        let late = next.replacen("version = 3", "version = 4", 1).replacen("title = \"Наставники в школах\"", "title = \"Иное\"", 1);
        // The day is that of the place: at nine in the evening of London it is tomorrow there.
        let moment = v.query("SELECT CAST(loaded_at AS TEXT) FROM pack WHERE retired_at IS NULL").remove(0);
        v.sql("UPDATE pack SET loaded_at = '2023-03-01 21:00:00' WHERE retired_at IS NULL");
        let answer = send(&mut south, "tyumen", "load", &stands, &late);
        v.sql(&format!("UPDATE pack SET loaded_at = '{moment}' WHERE retired_at IS NULL"));
        assert_eq!(answer.status, 409, "{}", answer.body);
        assert!(answer.body.contains("Версию 3 ввели в действие 02.03.2023") && answer.body.contains("новых: 1, исключено: 1, изменено: 1"), "{}", answer.body);
        assert_eq!((typed(&answer), seen(&answer).as_str()), (late.clone(), "3"));
        assert_eq!(send(&mut south, "tyumen", "load", "3", &late).status, 303);
        // Versions stay readable, and any two of them are compared by goal, task and indicator.
        let page = operator.get("/packs/tyumen");
        for version in ["2", "3", "4"] {
            assert!(page.body.contains(&format!("/packs/tyumen/versions/{version}")), "{version}");
            assert_eq!(operator.get(&format!("/packs/tyumen/versions/{version}")).status, 200);
        }
        let two = operator.get("/packs/tyumen/versions/2");
        assert!(two.body.contains("2021/22 — 84, 2022/23 — 94"), "the sums of the points of two years: {}", two.body);
        let difference = operator.get("/packs/tyumen/difference?from=2&to=3");
        assert!(difference.body.contains("Показателей новых: 1, исключено: 1, изменено: 1"), "{}", difference.body);
        // Each link to the version in force opens, though that is what stands there without a link.
        let links = page.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let links: Vec<String> = links.filter(|l| l.contains("/difference")).map(|l| l.replace("&amp;", "&").replace("&#x3D;", "=")).collect();
        assert!(links.iter().any(|link| link.ends_with("to=4")), "{links:?}");
        for link in links {
            let compared = operator.get(&link);
            assert!(compared.status == 200 && compared.body.contains("и 4"), "{link}: {}", compared.body);
        }
        let rows: Vec<&str> = difference.body.split("<tr").collect();
        let row = |part: &str| rows.iter().find(|r| r.contains(part)).copied().unwrap_or_default();
        assert!(row(&format!(">{gone} ")).contains("исключён"), "{gone}: {}", difference.body);
        assert!(row("Наставники в школах").contains("новый"));
        assert!(row("Наибольший балл по годам").contains("2022/23: 29") && row("Наибольший балл по годам").contains("2022/23: 30"));
        let all = operator.get("/packs/tyumen/difference?from=2&to=3&show=all");
        let titles = ["Трек 1", "Трек 2", "Трек 3"].map(|track| all.body.find(track));
        assert!(titles.is_sorted() && titles[0].is_some(), "by track: {titles:?}");
        assert_eq!(all.body.matches("без изменений").count(), blocks.len() - 3);
        assert_eq!(operator.get("/packs/tyumen/difference?from=2&to=9").status, 404);
        let _whole = v.run(&["check"]).ok();
    }

    fn a_pack_of_ones_own_begins_with_the_blank(v: &Vekha) {
        let server = world(v);
        let mut admin = server.signed_in("admin", PASSWORD);
        let page = admin.get("/packs/new");
        assert_eq!(page.status, 200, "{}", page.body);
        let blank = typed(&page);
        assert_eq!(blank, shipped("blank"));
        let path = v.file("blank.toml", &blank);
        let _clean = v.run(&["pack", "check", text(&path)]).ok();
        let own = blank.replacen("code = \"region\"", "code = \"komi\"", 1);
        assert_eq!(send(&mut admin, "new", "check", "0", &own).status, 200);
        let made = send(&mut admin, "new", "load", "0", &own);
        assert_eq!((made.status, made.header("location")), (303, "/packs/komi?done=1"), "{}", made.body);
        let again = send(&mut admin, "new", "load", "0", &own.replacen("version = 1", "version = 2", 1));
        assert!(again.status == 422 && again.body.contains("уже есть"), "{}", again.body);
        // Whoever keeps no packs sees none.
        for login in ["head", "ministry"] {
            let mut other = server.signed_in(login, PASSWORD);
            assert_eq!((other.get("/packs").status, other.get("/packs/komi").status), (403, 403), "{login}");
        }
        assert_eq!(admin.get("/packs/nothing").status, 404);
    }
}
