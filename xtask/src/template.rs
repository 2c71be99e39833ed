//! `cargo xtask template`: looks at the template for Amazon's services, by rules of our own and by the tools of others.
//!
//! The rules, and the mistakes that each has to notice (deploy/aws/defects.toml), are looked at by the tests of this tool
//! too; the tools of others are installed for this command alone.

mod rules;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{paths, process, python};

/// Looks at the template as it is.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn template() -> Result<()> {
    let complaints = rules::all(&read(&text()?)?, &rules::Sources::read()?);
    if !complaints.is_empty() {
        bail!("{}", complaints.join("\n"));
    }
    println!("Our own rules: nothing to complain of.");
    let folder = paths::tools().join("template");
    let aws = paths::root().join("deploy/aws");
    python::environment(&folder, &aws.join("requirements.txt"))?;
    let translated = folder.join("translated.json");
    let mut translate = process::command(folder.join("bin/python"));
    translate.arg(aws.join("translate.py"));
    process::run(translate.arg(aws.join("template.yaml")).arg(&translated))?;
    let mut lint = process::command(folder.join("bin/cfn-lint"));
    process::run(lint.arg("-t").arg(&translated).args(["-r", "eu-central-1"]))?;
    println!("It translates, and cfn-lint has nothing to complain of.");
    Ok(())
}

/// The kinds of the resources that it names, each as often as it does.
///
/// # Errors
/// Where it cannot be read.
pub(crate) fn resources() -> Result<Vec<String>> {
    let template = read(&text()?)?;
    let resources = template.get("Resources").and_then(Value::as_object);
    let kinds = resources.into_iter().flat_map(|all| all.values());
    let kinds = kinds.filter_map(|resource| resource.get("Type").and_then(Value::as_str));
    Ok(kinds.map(str::to_owned).collect())
}

fn text() -> Result<String> {
    let file = paths::root().join("deploy/aws/template.yaml");
    std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))
}

fn read(text: &str) -> Result<Value> {
    yaml_serde::from_str(text).context("the template is no YAML")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Defects {
        defect: Vec<Defect>,
    }

    #[derive(Deserialize)]
    struct Defect {
        name: String,
        find: String,
        replace: String,
        caught_by: String,
    }

    #[test]
    fn the_template_keeps_the_rules() {
        let complaints = rules::all(
            &read(&text().unwrap()).unwrap(),
            &rules::Sources::read().unwrap(),
        );
        assert_eq!(complaints, [""; 0]);
    }

    #[test]
    fn every_defect_is_noticed_by_the_rule_that_has_to() {
        let (good, sources) = (text().unwrap(), rules::Sources::read().unwrap());
        let file = paths::root().join("deploy/aws/defects.toml");
        let defects = std::fs::read_to_string(file).unwrap();
        let defects: Defects = toml::from_str(&defects).unwrap();
        assert!(defects.defect.len() >= 12);
        for defect in defects.defect {
            assert!(good.contains(&defect.find), "{}", defect.name);
            let bad = good.replacen(&defect.find, &defect.replace, 1);
            let complaints = rules::all(&read(&bad).unwrap(), &sources);
            let rule = format!("{}: ", defect.caught_by);
            assert!(
                complaints.iter().any(|line| line.starts_with(&rule)),
                "{} is not noticed by {}: {complaints:?}",
                defect.name,
                defect.caught_by
            );
        }
    }
}
