"""Copies the vendored files out of unpacked npm packages and writes VENDOR.toml; called by vendor.sh."""
import hashlib, json, pathlib, re, shutil, sys, urllib.parse

packages, pages, papers = map(pathlib.Path, sys.argv[1:])
fonts = [f"golos-text-{script}-{weight}-normal.woff2" for script in ("cyrillic", "latin") for weight in (400, 600)]
faces = {f"PTSans_{face}.ttf": f"{face}/PTSans_{face}.ttf" for face in ("400Regular", "700Bold")}
wanted = {
    pages: {
        "bootstrap": ("bootstrap", {"bootstrap.min.css": "dist/css/bootstrap.min.css", "LICENSE": "LICENSE"}),
        "htmx": ("htmx.org", {"htmx.min.js": "dist/htmx.min.js", "LICENSE": "LICENSE"}),
        "golos-text": ("@fontsource/golos-text", {**{f: f"files/{f}" for f in fonts}, "LICENSE": "LICENSE"}),
    },
    papers: {"pt-sans": ("@expo-google-fonts/pt-sans", {**faces, "LICENSE": "LICENSE_FONT"})},
}


def pictures_apart(css, folder):
    """Each data: picture becomes a file of its own, named by its digest."""
    (folder / "pictures").mkdir()

    def one(match):
        svg = urllib.parse.unquote(match.group(1))
        name = hashlib.sha256(svg.encode()).hexdigest()[:8] + ".svg"
        (folder / "pictures" / name).write_text(svg)
        return f'url("pictures/{name}")'

    css = re.sub(r'url\("data:image/svg\+xml,([^"]*)"\)', one, css)
    assert "data:" not in css
    return re.sub(r"\n/\*# sourceMappingURL=.*\*/", "", css)


found = {}
for place in packages.iterdir():
    if (place / "package/package.json").is_file():
        manifest = json.loads((place / "package/package.json").read_text())
        found[manifest["name"]] = (place / "package", manifest)
for target, folders in wanted.items():
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    lines = ["# Written by tests/vendor.sh: where each vendored file comes from, and its digest as kept here."]
    for folder, (package, files) in folders.items():
        source, manifest = found[package]
        (target / folder).mkdir()
        origin = {}
        for name, path in files.items():
            data = (source / path).read_bytes()
            if name.endswith(".css"):
                data = pictures_apart(data.decode(), target / folder).encode()
            (target / folder / name).write_bytes(data)
            origin[name] = path
        for file in sorted(p for p in (target / folder).rglob("*") if p.is_file()):
            name = str(file.relative_to(target / folder))
            lines += ["", "[[file]]", f'name = "{folder}/{name}"', f'package = "{package}"',
                      f'version = "{manifest["version"]}"', f'licence = "{manifest["license"]}"',
                      f'path = "{origin.get(name, files.get("bootstrap.min.css", ""))}"',
                      f'sha256 = "{hashlib.sha256(file.read_bytes()).hexdigest()}"']
    (target / "VENDOR.toml").write_text("\n".join(lines) + "\n")
