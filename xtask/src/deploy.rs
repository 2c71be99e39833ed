//! `cargo xtask deploy`: the functions onto Amazon's services; with `--plan` it prints what it would do, and about what a
//! month of a given traffic costs.

mod cost;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::functions;
use crate::{paths, process, template};
use cost::{Prices, Traffic};

/// `cargo xtask deploy`.
#[derive(Args)]
pub(crate) struct Options {
    /// Print what would be done, and do nothing
    #[arg(long)]
    plan: bool,
    /// The stack's name
    #[arg(long, default_value = "aisle")]
    stack: String,
    #[command(flatten)]
    traffic: Traffic,
}

/// Deploys, or says how.
///
/// # Errors
/// Where the template is wrong, or a tool or credentials are missing.
pub(crate) fn deploy(options: &Options) -> Result<()> {
    let prices = std::fs::read_to_string(paths::root().join("deploy/aws/prices.toml"))
        .context("reading the prices")?;
    let prices: Prices = toml::from_str(&prices).context("the prices make no sense")?;
    println!("{}", plan(&template::resources()?, options, &prices));
    if options.plan {
        return Ok(());
    }
    template::template()?;
    if !process::has("sam") {
        bail!(
            "`sam` is not here: install the AWS SAM CLI (PyPI: aws-sam-cli), then type this again"
        );
    }
    if std::env::var_os("AWS_ACCESS_KEY_ID").is_none() && std::env::var_os("AWS_PROFILE").is_none()
    {
        bail!("set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    }
    functions::functions(&functions::Options::default())?;
    let mut sam = process::command("sam");
    sam.args(["deploy", "--stack-name", &options.stack]);
    sam.args(["--template-file", "deploy/aws/template.yaml"]);
    sam.args(["--capabilities", "CAPABILITY_IAM", "--resolve-s3"]);
    process::run(&mut sam)
}

fn plan(kinds: &[String], options: &Options, prices: &Prices) -> String {
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in kinds {
        *counted.entry(kind).or_default() += 1;
    }
    let mut plan = format!(
        "1. cargo xtask template    looks at deploy/aws/template.yaml\n\
         2. cargo xtask functions   builds what it names into target/lambda\n\
         3. sam deploy              a change set of the stack {}, and carries it out\n\n",
        options.stack
    );
    for (kind, count) in counted {
        plan.push_str(&format!("{count:>5}  {kind}\n"));
    }
    plan.push('\n');
    plan.push_str(&cost::table(&options.traffic, prices));
    plan
}
