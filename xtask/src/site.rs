//! Puts one web app's folder together: page, boot module, styles, fonts, art.
//!
//! The content security policy allows no inline script, so the boot module is
//! a file; drawings are inlined into the page because `<use>` refers to them.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::ui::Entry;

/// Where a page takes the drawings that its `<use>` elements refer to.
const SPRITE: &str = "<!-- sprite -->";
const SPRITES: [&str; 2] = ["assets/art/sprite.svg", "assets/art/icons.svg"];
/// The worker of the shop, and its places for what this build is made of.
const WORKER: &str = "sw.js";
const VERSION: &str = "<!-- version -->";
const FILES: &str = "<!-- files -->";
/// These come before all other styles: the rest builds upon them.
const FIRST_STYLES: [&str; 2] = ["tokens.css", "base.css"];

/// Writes everything but the program itself into `folder`.
///
/// # Errors
/// When a template, a drawing, a style or a font is missing or cannot be copied.
pub(crate) fn assemble(root: &Path, entry: Entry, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    keep(&folder.join("index.html"), page(root, entry)?.as_bytes())?;
    keep(&folder.join("styles.css"), styles(root)?.as_bytes())?;
    copy_files(&root.join("assets/fonts"), &folder.join("fonts"))?;
    match entry {
        Entry::App => keep(&folder.join("boot.js"), boot(entry).as_bytes()),
        Entry::Shop => install(root, folder),
    }
}

/// What makes the shop an app of its own: manifest, icons, and the worker that keeps its files.
fn install(root: &Path, folder: &Path) -> Result<()> {
    let own = root.join("ui/shop");
    for name in ["boot.js", "manifest.webmanifest"] {
        keep(&folder.join(name), read(&own.join(name))?.as_bytes())?;
    }
    copy_files(&root.join("assets/icons/shop"), &folder.join("icons"))?;
    let worker = worker(&read(&own.join(WORKER))?, folder)?;
    keep(&folder.join(WORKER), worker.as_bytes())
}

/// The worker, with the files that it keeps and a version that follows from what is in them.
fn worker(template: &str, folder: &Path) -> Result<String> {
    if !template.contains(VERSION) || !template.contains(FILES) {
        bail!("ui/shop/{WORKER} has no place for {VERSION} and {FILES}");
    }
    let mut names = vec!["/shop/".to_owned()];
    let mut hasher = DefaultHasher::new();
    for (inside, from) in [
        ("", folder.to_owned()),
        ("fonts/", folder.join("fonts")),
        ("icons/", folder.join("icons")),
    ] {
        for file in list(&from)? {
            let name = file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name == WORKER || name.starts_with('.') {
                continue;
            }
            fs::read(&file)?.hash(&mut hasher);
            // The page itself is kept under its address; a licence is for people.
            if name != "index.html" && !name.ends_with(".txt") {
                names.push(format!("/shop/{inside}{name}"));
            }
        }
    }
    let files = serde_json::to_string_pretty(&names)?;
    let version = format!("{:016x}", hasher.finish());
    Ok(template.replace(VERSION, &version).replace(FILES, &files))
}

/// Writes a file unless it is as it should be: the window embeds this folder,
/// and is built again when a file in it is newer.
fn keep(file: &Path, content: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|kept| kept == content) {
        return Ok(());
    }
    fs::write(file, content).with_context(|| format!("{} cannot be written", file.display()))
}

fn page(root: &Path, entry: Entry) -> Result<String> {
    let template = match entry {
        Entry::App => "ui/index.html",
        Entry::Shop => "ui/shop.html",
    };
    let page = read(&root.join(template))?;
    if !page.contains(SPRITE) {
        bail!("{template} has no place for the drawings: {SPRITE}");
    }
    let drawings: Result<Vec<String>> = SPRITES.iter().map(|file| read(&root.join(file))).collect();
    let drawings = drawings?
        .iter()
        .map(|svg| without_prolog(svg))
        .collect::<String>();
    Ok(page.replace(SPRITE, &drawings))
}

/// An SVG file without its `<?xml …?>`, which has no place inside a page.
fn without_prolog(svg: &str) -> &str {
    svg.find("<svg").and_then(|at| svg.get(at..)).unwrap_or(svg)
}

fn boot(entry: Entry) -> String {
    format!(
        "import init from \"./{}.js\";\n\nawait init();\n",
        entry.name()
    )
}

fn styles(root: &Path) -> Result<String> {
    let mut files = css_files(&root.join("assets/styles"))?;
    // `false` sorts first, and the sort is stable: the rest stays alphabetical.
    files.sort_by_key(|file| {
        let place = FIRST_STYLES.iter().position(|name| file.ends_with(name));
        place.unwrap_or(FIRST_STYLES.len())
    });
    files.extend(css_files(&root.join("ui/styles"))?);
    let mut styles = String::new();
    for file in files {
        styles.push_str(&read(&file)?);
        styles.push('\n');
    }
    Ok(styles)
}

/// The style sheets of one folder, alphabetically.
fn css_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = list(folder)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "css"));
    Ok(files)
}

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for file in list(from)? {
        if let Some(name) = file.file_name() {
            let content =
                fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
            keep(&to.join(name), &content)?;
        }
    }
    Ok(())
}

/// The files of a folder, alphabetically; folders inside are left out.
fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("{} is not here", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(page: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let files = [
            ("ui/index.html", page),
            ("ui/styles/card.css", "card"),
            ("assets/styles/base.css", "base"),
            ("assets/styles/art.css", "art"),
            ("assets/styles/tokens.css", "tokens"),
            (
                "assets/art/sprite.svg",
                "<?xml version=\"1.0\"?>\n<svg id=\"a\"/>",
            ),
            ("assets/art/icons.svg", "<svg id=\"b\"/>"),
            ("assets/fonts/text.woff2", "font"),
        ];
        for (name, content) in files {
            let file = root.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, content).unwrap();
        }
        root
    }

    #[test]
    fn a_folder_holds_all_that_a_page_asks_for() {
        let root = repository("<body><!-- sprite --></body>");
        let out = root.path().join("out");
        assemble(root.path(), Entry::App, &out).unwrap();
        assert_eq!(
            read(&out.join("index.html")).unwrap(),
            "<body><svg id=\"a\"/><svg id=\"b\"/></body>"
        );
        assert!(read(&out.join("boot.js")).unwrap().contains("./app.js"));
        assert_eq!(read(&out.join("fonts/text.woff2")).unwrap(), "font");
    }

    #[test]
    fn what_did_not_change_is_not_written_again() {
        let root = repository("<!-- sprite -->");
        let out = root.path().join("out");
        let written_at = || {
            out.join("index.html")
                .metadata()
                .unwrap()
                .modified()
                .unwrap()
        };
        assemble(root.path(), Entry::App, &out).unwrap();
        let first = written_at();
        assemble(root.path(), Entry::App, &out).unwrap();
        assert_eq!(written_at(), first);
        fs::write(root.path().join("ui/index.html"), "new <!-- sprite -->").unwrap();
        assemble(root.path(), Entry::App, &out).unwrap();
        assert!(read(&out.join("index.html")).unwrap().starts_with("new"));
    }

    #[test]
    fn styles_come_in_a_fixed_order() {
        let root = repository("");
        assert_eq!(styles(root.path()).unwrap(), "tokens\nbase\nart\ncard\n");
    }

    #[test]
    fn the_worker_keeps_every_file_and_is_another_when_one_changes() {
        let root = repository("<!-- sprite -->");
        let files = [
            ("ui/shop.html", "<!-- sprite -->"),
            ("ui/shop/boot.js", "boot"),
            ("ui/shop/manifest.webmanifest", "{}"),
            ("ui/shop/sw.js", "<!-- version --> <!-- files -->"),
            ("assets/icons/shop/icon-192.png", "icon"),
        ];
        for (name, content) in files {
            let file = root.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, content).unwrap();
        }
        let out = root.path().join("out");
        fs::create_dir_all(&out).unwrap();
        fs::write(out.join("shop.js"), "1").unwrap();
        fs::write(out.join(".made-from"), "1").unwrap();
        let built = || {
            assemble(root.path(), Entry::Shop, &out).unwrap();
            read(&out.join("sw.js")).unwrap()
        };
        let first = built();
        assert_eq!(built(), first, "the same files are the same worker");
        for kept in [
            "/shop/",
            "/shop/shop.js",
            "/shop/boot.js",
            "/shop/fonts/text.woff2",
            "/shop/icons/icon-192.png",
        ] {
            assert!(first.contains(&format!("\"{kept}\"")), "{kept}");
        }
        assert!(!first.contains("sw.js") && !first.contains(".made-from"));
        fs::write(out.join("shop.js"), "2").unwrap();
        assert_ne!(built(), first);
    }

    #[test]
    fn a_page_without_a_place_for_drawings_is_refused() {
        let root = repository("<body></body>");
        let error = assemble(root.path(), Entry::App, &root.path().join("out")).unwrap_err();
        assert!(error.to_string().contains("ui/index.html"));
    }

    #[test]
    fn a_missing_template_is_named() {
        let root = repository("");
        let error = assemble(root.path(), Entry::Shop, &root.path().join("out")).unwrap_err();
        assert!(error.to_string().contains("ui/shop.html"));
    }
}
