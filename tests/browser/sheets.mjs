// A deputy head makes the accounts of the school and prints the sheets; a teacher signs in with one at 360 px. By
// visible labels and with scripts switched off. Called by tests/it/web_accounts.rs with a JSON file.
import { mkdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
mkdirSync(plan.pictures, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.VEKHA_TEST_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
});

async function screen(viewport) {
  const context = await browser.newContext({ viewport, javaScriptEnabled: false });
  const page = await context.newPage();
  page.setDefaultTimeout(5_000);
  return page;
}

function demand(truth, text) {
  if (!truth) throw new Error(text);
}

async function signIn(page, login, secret) {
  await page.goto(`${plan.base}/sign-in`);
  await page.getByLabel("Логин").fill(login);
  await page.getByLabel("Пароль").fill(secret);
  await page.getByRole("button", { name: "Войти" }).click();
}

async function fits(page, name) {
  await page.waitForLoadState();
  await page.getByRole("heading", { level: 1 }).waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  demand(wide <= 0, `${name} is ${wide} px wider than the screen`);
  await page.screenshot({ path: `${plan.pictures}/sheets-${name}.png`, fullPage: true });
}

const deputy = await screen({ width: 1366, height: 768 });
const teacher = await screen({ width: 360, height: 740 });
try {
  await signIn(deputy, plan.deputy, plan.password);
  await deputy.getByRole("navigation", { name: "Разделы" }).getByRole("link", { name: "Учётные записи", exact: true }).click();
  await fits(deputy, "list");
  await deputy.getByRole("link", { name: `Создать учётные записи всем, у кого их нет (${plan.without})` }).click();
  await fits(deputy, "check");
  await deputy.getByRole("button", { name: "Показать листки" }).click();
  await fits(deputy, "cards");
  const cards = deputy.getByRole("article");
  demand((await cards.count()) === plan.without, `${await cards.count()} sheets of ${plan.without}`);
  // On paper: the sheets alone, none cut by the end of a page.
  await deputy.emulateMedia({ media: "print" });
  demand(!(await deputy.getByRole("heading", { level: 1 }).isVisible()), "the paper holds more than the sheets");
  demand(await cards.first().isVisible(), "the paper holds no sheet");
  const kept = await cards.evaluateAll((all) => all.every((card) => getComputedStyle(card).breakInside === "avoid"));
  demand(kept, "a sheet may be cut by the end of a page");
  // Two columns on an A4 sheet, none of them wider than its half.
  await deputy.setViewportSize({ width: 794, height: 1123 });
  const widths = await cards.evaluateAll((all) => all.map((card) => [card.offsetWidth, card.scrollWidth - card.clientWidth]));
  demand(widths.length === plan.without && widths.every(([own, over]) => own > 200 && own < 397 && over <= 0), `the sheets are not two in a row: ${JSON.stringify(widths)}`);
  const paper = await deputy.pdf({ path: `${plan.pictures}/sheets.pdf`, format: "A4" });
  demand(paper.length > 1000, "nothing was printed");
  const text = await cards.first().innerText();
  const value = async (name) => (await cards.first().locator(`dt:text-is("${name}") + dd`).innerText()).trim();
  const [login, code] = [await value("Логин"), await value("Код")];
  demand(text.includes(plan.address), `no address of the site: ${text}`);

  await signIn(teacher, login, code);
  await fits(teacher, "password");
  await teacher.getByLabel("Новый пароль", { exact: true }).fill(plan.chosen);
  await teacher.getByLabel("Новый пароль ещё раз").fill(plan.chosen);
  await teacher.getByRole("button", { name: "Сохранить пароль" }).click();
  await fits(teacher, "saved");
  demand(await teacher.getByText("Пароль сохранён").isVisible(), "the password was not kept");
  await signIn(teacher, login, plan.chosen);
  demand(!teacher.url().includes("sign-in"), "the teacher is not signed in");
  demand(await teacher.getByRole("heading", { level: 1 }).isVisible(), "no page of the teacher");
  await fits(teacher, "teacher");
  console.log("the teacher signed in");
} catch (error) {
  console.log(`FAILED: ${error}\n${deputy.url()} ${teacher.url()}\n${(await teacher.locator("body").innerText()).slice(0, 1500)}`);
  process.exitCode = 1;
}
await browser.close();
