// Walks the whole path in Chromium as its people would, by visible labels only and with scripts switched off: results
// are loaded, a plan is drafted, agreed, carried out and closed, and the number of the indicator opens the teacher.
// Called by tests/it/web_walk.rs with a JSON file; prints one line a step and, at the end, how many there were.
import { mkdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const PHONE = { width: 360, height: 740 };
const DESK = { width: 1366, height: 768 };
let steps = 0;
let inputs = 0;

mkdirSync(plan.pictures, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.VEKHA_TEST_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
});

/** Someone at their screen: signs in once and stays signed in. */
async function someone(login, viewport = DESK) {
  const context = await browser.newContext({ viewport, javaScriptEnabled: false });
  const page = await context.newPage();
  page.setDefaultTimeout(5_000);
  await page.goto(`${plan.base}/sign-in`);
  await page.getByLabel("Логин").fill(login);
  await page.getByLabel("Пароль").fill(plan.password);
  await page.getByRole("button", { name: "Войти" }).click();
  if (page.url().includes("/sign-in")) throw new Error(`${login} could not sign in`);
  return page;
}

async function step(name, page, work) {
  try {
    await work(page);
    steps += 1;
    console.log(`step ${steps}: ${name}`);
  } catch (error) {
    console.log(`FAILED at: ${name}\n${error}\n${page.url()}\n${(await page.locator("main").innerText()).slice(0, 2000)}`);
    process.exitCode = 1;
    await browser.close();
    process.exit(1);
  } finally {
    await page.screenshot({ path: `${plan.pictures}/walk-${String(steps).padStart(2, "0")}.png`, fullPage: true }).catch(() => {});
  }
}

function demand(truth, text) {
  if (!truth) throw new Error(text);
}

/** The name of a button of one row: its word and, for those who hear it alone, whom it is about. */
const about = (word) => new RegExp(`^${word}\\s*:\\s*${plan.person.short.replaceAll(/[\s\u00a0]/g, "\\s").replaceAll(".", "\\.")}`);
/** By the menu, which is folded where there is little room; a section of another group drops from its name, by keyboard. */
const section = async (page, name) => {
  const fold = page.locator("details.sections:not([open]) > summary");
  if (await fold.isVisible()) await fold.click();
  const link = page.getByRole("navigation", { name: "Разделы" }).getByRole("link", { name, exact: true });
  const within = page.getByRole("link", { name, exact: true, includeHidden: true });
  const group = page.locator("header :is(details.group, .sections details):visible", { has: within }).locator("summary");
  // A page that waits for a file comes anew by itself, with its groups closed.
  for (let tries = 0; tries < 3 && !(await link.isVisible()); tries += 1) {
    await group.press("Enter");
    await page.waitForTimeout(100);
  }
  await link.click();
};
const press = (page, name) => page.getByRole("button", { name }).first().click();
const open = (page, name) => page.getByRole("link", { name }).first().click();

/** What the indicator says of the unit, and the names behind its numerator. */
async function indicator(page) {
  await section(page, "Показатели");
  await page.getByLabel("Методика").selectOption({ label: plan.pack });
  await press(page, "Показать");
  await page.getByLabel("Период").selectOption({ label: plan.period });
  await press(page, "Показать");
  await open(page, plan.indicator);
  await open(page, plan.municipality);
  await open(page, plan.organisation);
  const own = await page.locator("main").innerText();
  const figure = (label) => {
    const found = own.match(new RegExp(`([\\d\\u00a0]+)\\s*${label}`));
    return found ? Number(found[1].replaceAll("\u00a0", "")) : 0;
  };
  const numerator = figure("в числителе");
  const rest = figure("только в знаменателе");
  let names = "";
  if (numerator > 0) {
    await page.locator("main").getByRole("link", { name: String(numerator), exact: true }).first().click();
    names = await page.locator("main").innerText();
  }
  return { numerator, denominator: numerator + rest, holds: names.includes(plan.person.last) };
}

const operator = await someone(plan.logins.operator);
let before;
await step("the operator looks at the indicator", operator, async (page) => {
  before = await indicator(page);
  demand(!before.holds, "the list holds the teacher already");
});

const staff = await someone(plan.logins.staff);
await step("the centre loads the results", staff, async (page) => {
  await section(page, "Загрузка");
  await page.getByLabel("Что в файле").selectOption({ label: "Результаты диагностики" });
  await page.getByLabel("Файл", { exact: true }).setInputFiles(plan.results);
  await press(page, "Посмотреть столбцы");
  await press(page, "Проверить");
  for (let n = 0; n < 20 && !(await page.getByRole("button", { name: /Загрузить/ }).count()); n += 1) {
    await page.waitForTimeout(500);
    await page.reload();
  }
  await press(page, /Загрузить/);
  for (let n = 0; n < 20 && !(await page.getByRole("link", { name: "Отменить загрузку" }).count()); n += 1) {
    await page.waitForTimeout(500);
    await page.reload();
  }
  demand(await page.getByRole("link", { name: "Отменить загрузку" }).count(), "the file was not loaded");
});
await step("the centre previews and drafts", staff, async (page) => {
  await section(page, "Подготовка маршрутов");
  await page.getByLabel("Диагностика").selectOption({ label: plan.procedure });
  await page.getByLabel("Территория").selectOption({ label: plan.municipality });
  await press(page, "Посмотреть, что выйдет");
  await press(page, /^Создать/);
  demand((await page.locator("main").innerText()).includes("Создано"), "nothing was drafted");
});
for (const kind of ["тьютор", "куратор"]) {
  await step(`the centre assigns: ${kind}`, staff, async (page) => {
    await section(page, "Тьюторы");
    await page.getByLabel("Кого назначить").selectOption({ label: kind });
    await page.getByLabel("Территория").selectOption({ label: plan.municipality });
    await press(page, "Посмотреть, что выйдет");
    await press(page, /^Назначить/);
    demand((await page.locator("main").innerText()).includes("Назначено"), "nobody was assigned");
  });
}

const tutor = await someone(plan.logins.tutor);
await step("the tutor sends the plan", tutor, async (page) => {
  await section(page, "Мои педагоги");
  await page.getByLabel("Состояние маршрута").selectOption({ label: "черновик" });
  await press(page, "Показать");
  await open(page, plan.person.short);
  await press(page, /Отправить/);
});

const teacher = await someone(plan.person.login, PHONE);
await step("the teacher agrees on a phone", teacher, async (page) => {
  await press(page, "Согласовать");
  inputs += 1;
});

const head = await someone(plan.logins.head);
await step("the head of the centre approves", head, async (page) => {
  await section(page, "Маршруты");
  await page.getByLabel("Состояние").selectOption({ label: "ждут утверждения" });
  await press(page, "Показать");
  for (const box of await page.getByRole("checkbox").all()) await box.uncheck();
  await page.getByLabel(plan.person.short).check();
  await press(page, "Утвердить отмеченные");
  await press(page, /^Утвердить/);
});

const curator = await someone(plan.logins.curator);
await step("the curator starts it", curator, async (page) => {
  await section(page, "Мои педагоги");
  await page.getByLabel("Состояние маршрута").selectOption({ label: "утверждён" });
  await press(page, "Показать");
  await open(page, plan.person.short);
  await press(page, /Начать/);
});

await step("the teacher applies for a course", teacher, async (page) => {
  await section(page, "Мой маршрут");
  await open(page, "Записаться");
  await press(page, "Подать заявку");
  inputs += 1;
});

const director = await someone(plan.logins.director);
await step("the director agrees", director, async (page) => {
  await section(page, "Заявки на согласование");
  await press(page, about("Согласовать"));
});

await step("the centre records the completion", staff, async (page) => {
  await section(page, "Маршруты");
  await page.getByLabel("Фамилия").fill(plan.person.last);
  await press(page, "Показать");
  await open(page, plan.person.short);
  await press(page, /Зачислить/);
  await page.getByText(/^Записать окончание курса/).first().click();
  await page.getByLabel("Номер удостоверения или диплома").fill("УД-2026-1");
  await press(page, /^Подтвердить/);
});

await step("the teacher attaches evidence", teacher, async (page) => {
  await section(page, "Мой маршрут");
  await page.getByLabel("Снимок или документ").setInputFiles(plan.photo);
  await press(page, /Отправить на проверку/);
  inputs += 1;
});

await step("the tutor accepts in one click", tutor, async (page) => {
  await section(page, "На проверке");
  await press(page, about("Зачесть"));
});

await step("the curator closes with outcomes", curator, async (page) => {
  await section(page, "Мои педагоги");
  await open(page, plan.person.short);
  await open(page, "Закрыть маршрут");
  await page.getByLabel("закрыт", { exact: false }).first().check();
  await page.getByLabel("Заключение").fill("Показал открытый урок, приёмы освоены.");
  await press(page, "Проверить ответы");
  await press(page, "Закрыть маршрут");
});

await step("the number grew by one and opens the teacher", operator, async (page) => {
  const after = await indicator(page);
  demand(after.numerator === before.numerator + 1, `numerator ${before.numerator} → ${after.numerator}`);
  demand(after.denominator === before.denominator, `denominator ${before.denominator} → ${after.denominator}`);
  demand(after.holds, "the list does not hold the teacher");
});

demand(inputs <= 3, `the teacher sent ${inputs} forms`);
await browser.close();
console.log(`${steps} steps walked, the teacher sent ${inputs} forms`);
