// Opens pages of a running server in Chromium and prints what is wrong with each, one line a fault; exit 1 on any.
// Called by tests/it/web_browser.rs with a JSON file: { base, pictures (a folder, or null for none), sessions: [{ name, login, password, pages }] }.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const WIDTHS = [1366, 683, 320];
// At the middle width (a page enlarged twice) only the layout is looked at: the rules see nothing new there.
const JUDGED = [1366, 320];
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const faults = [];
let checked = 0;

if (plan.pictures) mkdirSync(plan.pictures, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.VEKHA_TEST_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
});
for (const session of plan.sessions) {
  const titles = new Map();
  for (const width of WIDTHS) {
    const context = await browser.newContext({ viewport: { width, height: width < 500 ? 690 : 768 } });
    await context.addInitScript(() => {
      window.violations = [];
      document.addEventListener("securitypolicyviolation", (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
    });
    const page = await context.newPage();
    const fault = (text) => faults.push(`${session.name} ${width} ${page.url()}: ${text}`);
    page.on("request", (r) => { if (!r.url().startsWith(plan.base)) fault(`asks another host: ${r.url()}`); });
    page.on("console", (m) => { if (m.type() === "error" && !/40[0-9]|status of/.test(m.text())) fault(`console: ${m.text()}`); });
    page.on("response", (r) => { if (r.status() >= 500) fault(`${r.url()} answered ${r.status()}`); });
    if (session.login) {
      await page.goto(`${plan.base}/sign-in`);
      await page.getByLabel("Логин").fill(session.login);
      await page.getByLabel("Пароль").fill(session.password);
      await page.getByRole("button", { name: "Войти" }).click();
      await page.waitForLoadState();
      if (page.url().includes("/sign-in")) fault("could not sign in");
    }
    for (const path of session.pages) {
      await page.goto(plan.base + path, { waitUntil: "load" });
      await page.evaluate(() => document.fonts.ready);
      const heads = await page.locator("h1").count();
      if (heads !== 1) fault(`${heads} headings h1`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) fault(`scrolls sideways by ${wide} px`);
      const head = await page.evaluate(() => document.querySelector("header.bar")?.getBoundingClientRect().height ?? 0);
      if (head > (width === 1366 ? 120 : 200)) fault(`the head takes ${Math.round(head)} px`);
      const title = await page.title();
      if ((titles.get(title) ?? path) !== path) fault(`title «${title}» is also that of ${titles.get(title)}`);
      titles.set(title, path);
      for (const violation of await page.evaluate(() => window.violations)) fault(`CSP: ${violation}`);
      if (JUDGED.includes(width)) {
        await page.evaluate(axe);
        const found = await page.evaluate((rules) => window.axe.run(document, { runOnly: rules }), RULES);
        for (const v of found.violations) fault(`axe ${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(" | ")}`);
      }
      if (plan.pictures) {
        const name = path.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "") || "start";
        await page.screenshot({ path: `${plan.pictures}/${session.name}-${name}-${width}.png`, fullPage: true });
      }
      checked += 1;
    }
    await context.close();
  }
}
await browser.close();
for (const fault of faults) console.log(fault);
console.log(`${checked} pages, ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
