//! What must be so of the template. Each complaint begins with the name of its rule.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::paths;

/// Functions whose answers people wait for.
const WARM: [&str; 3] = ["aisle-cart", "aisle-recommend", "aisle-sync"];
/// What each function has an alarm on.
const ALARMS: [&str; 2] = ["Errors", "Throttles"];
/// The longest that upkeep may wait.
const SCHEDULE: &str = "rate(1 minute)";

/// What the programs' sources say.
pub(super) struct Sources {
    /// Programs, and whether events and upkeep set them off.
    programs: BTreeMap<String, Needs>,
    /// All that is said of variables.
    text: String,
}

#[derive(Clone, Copy)]
struct Needs {
    stream: bool,
    schedule: bool,
}

impl Sources {
    /// Reads them.
    pub(super) fn read() -> Result<Self> {
        let root = paths::root().join("cloud-functions/src");
        let mut programs = BTreeMap::new();
        for file in files(&root.join("bin"))? {
            let Some(name) = file.file_stem().and_then(|name| name.to_str()) else {
                continue;
            };
            let function = name.trim_start_matches("aisle-").replace('-', "_");
            let folder = root.join("functions").join(&function);
            let source = std::fs::read_to_string(folder.join("mod.rs"))
                .or_else(|_| std::fs::read_to_string(folder.with_extension("rs")));
            // A program that is no function answers nobody, and has no rounds.
            let source = source.unwrap_or_default();
            let needs = Needs {
                stream: source.contains("consumer: Some("),
                schedule: source.contains("upkeep: Some("),
            };
            programs.insert(name.to_owned(), needs);
        }
        let mut text = String::new();
        for folder in ["host", "host/single", "aws", "aws/letters"] {
            for file in files(&root.join(folder))? {
                text.push_str(&std::fs::read_to_string(&file)?);
            }
        }
        Ok(Self { programs, text })
    }
}

fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("{}", folder.display()))?;
    let paths = entries.map(|entry| Ok(entry?.path()));
    let paths: Result<Vec<_>> = paths.collect();
    let is_rust = |path: &std::path::PathBuf| path.extension().is_some_and(|e| e == "rs");
    Ok(paths?.into_iter().filter(is_rust).collect())
}

/// A resource with its name.
type Named<'a> = (&'a str, &'a Value);

struct Template<'a> {
    resources: &'a Map<String, Value>,
    functions: BTreeMap<String, Named<'a>>,
}

/// Every complaint.
pub(super) fn all(template: &Value, sources: &Sources) -> Vec<String> {
    let Some(resources) = template.get("Resources").and_then(Value::as_object) else {
        return vec!["functions: there are no resources".to_owned()];
    };
    let program = |(name, resource): (&'_ String, &'_ Value)| {
        let uri = text(resource, "/Properties/CodeUri")?;
        let program = uri.rsplit('/').next()?.strip_suffix(".zip")?;
        Some((program.to_owned(), name.clone()))
    };
    let functions = resources
        .iter()
        .filter(|(_, r)| is(r, "AWS::Serverless::Function"));
    let functions = functions.filter_map(program).filter_map(|(program, name)| {
        let (name, resource) = resources.get_key_value(&name)?;
        Some((program, (name.as_str(), resource)))
    });
    let template = Template {
        resources,
        functions: functions.collect(),
    };
    let mut complaints = Vec::new();
    template.check_functions(sources, &mut complaints);
    template.check_events(sources, &mut complaints);
    template.check_stores(&mut complaints);
    template.check_alarms(&mut complaints);
    template.check_variables(sources, &mut complaints);
    complaints
}

impl<'a> Template<'a> {
    fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = Named<'a>> {
        let resources = self.resources.iter();
        let resources = resources.filter(move |(_, resource)| is(resource, kind));
        resources.map(|(name, resource)| (name.as_str(), resource))
    }

    fn check_functions(&self, sources: &Sources, complaints: &mut Vec<String>) {
        for program in sources.programs.keys() {
            if !self.functions.contains_key(program) {
                complaints.push(format!("functions: {program} is left out"));
            }
        }
        for (program, (name, function)) in &self.functions {
            let policies = function.pointer("/Properties/Policies");
            if policies.is_none_or(has_wildcard) {
                complaints.push(format!("privilege: {name} may do more than it needs"));
            }
            let log = format!("{name}Log");
            let own = text(function, "/Properties/LoggingConfig/LogGroup/Ref") == Some(&log);
            let kept = self.resources.get(&log).is_some_and(|log| {
                log.pointer("/Properties/RetentionInDays")
                    .is_some_and(Value::is_u64)
            });
            if !own || !kept {
                complaints.push(format!("logs: those of {name} have no end"));
            }
            let warm = ["AutoPublishAlias", "ProvisionedConcurrencyConfig"];
            let properties = function.get("Properties");
            let is_warm = warm
                .iter()
                .all(|field| properties.is_some_and(|all| all.get(field).is_some()));
            if WARM.contains(&program.as_str()) && !is_warm {
                complaints.push(format!("warmth: {name} starts cold"));
            }
        }
        for (name, log) in self.of_kind("AWS::Logs::LogGroup") {
            if log.pointer("/Properties/RetentionInDays").is_none() {
                complaints.push(format!("logs: {name} has no end"));
            }
        }
    }

    fn check_events(&self, sources: &Sources, complaints: &mut Vec<String>) {
        for (program, needs) in &sources.programs {
            let Some((name, function)) = self.functions.get(program) else {
                continue;
            };
            let none = Map::new();
            let events = function.pointer("/Properties/Events");
            let events = events.and_then(Value::as_object).unwrap_or(&none);
            let mut streams = events.values().filter(|event| is(event, "Kinesis"));
            let told = streams.clone().next().is_some();
            if told != needs.stream {
                complaints.push(format!("events: {name} and its stream do not fit"));
            }
            if !streams.all(is_careful) {
                complaints.push(format!("batches: {name} loses some, or repeats too many"));
            }
            let mut queues = events.values().filter(|event| is(event, "SQS"));
            if !queues.all(takes_in_part) {
                complaints.push(format!("batches: {name} repeats all for one"));
            }
            let rounds = events.values().filter(|event| is(event, "Schedule"));
            let is_often = |event: &Value| text(event, "/Properties/Schedule") == Some(SCHEDULE);
            let often = rounds.filter(|event| is_often(event)).count() == 1;
            if (needs.schedule || needs.stream) && !often {
                complaints.push(format!("events: {name} has no rounds"));
            }
        }
    }

    fn check_stores(&self, complaints: &mut Vec<String>) {
        for (name, table) in self.of_kind("AWS::DynamoDB::Table") {
            if table.pointer("/Properties/SSESpecification/SSEEnabled") != Some(&true.into()) {
                complaints.push(format!("encryption: {name} has no key"));
            }
            let pointer = "/Properties/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled";
            let recovers = table.pointer(pointer) == Some(&true.into());
            let guarded = table.pointer("/Properties/DeletionProtectionEnabled");
            let stays = text(table, "/DeletionPolicy") == Some("Retain");
            if !recovers || !stays || guarded != Some(&true.into()) {
                complaints.push(format!("recovery: {name} can be lost"));
            }
        }
        for (name, stream) in self.of_kind("AWS::Kinesis::Stream") {
            if text(stream, "/Properties/StreamEncryption/EncryptionType") != Some("KMS") {
                complaints.push(format!("encryption: {name} has no key"));
            }
        }
        for (name, queue) in self.of_kind("AWS::SQS::Queue") {
            let read = self.functions.values().any(|(_, function)| {
                let events = function.pointer("/Properties/Events");
                events.is_some_and(|events| names_queue(events, name))
            });
            if read && queue.pointer("/Properties/RedrivePolicy").is_none() {
                complaints.push(format!("batches: {name} gives nothing up"));
            }
            let managed = queue.pointer("/Properties/SqsManagedSseEnabled") == Some(&true.into());
            if !managed && queue.pointer("/Properties/KmsMasterKeyId").is_none() {
                complaints.push(format!("encryption: {name} has no key"));
            }
        }
    }

    fn check_alarms(&self, complaints: &mut Vec<String>) {
        let mut watched: BTreeSet<(&str, &str)> = BTreeSet::new();
        for (name, alarm) in self.of_kind("AWS::CloudWatch::Alarm") {
            let tells = alarm.pointer("/Properties/AlarmActions");
            if tells.and_then(Value::as_array).is_none_or(Vec::is_empty) {
                complaints.push(format!("alarms: {name} tells nobody"));
            }
            let function = text(alarm, "/Properties/Dimensions/0/Value/Ref");
            let metric = text(alarm, "/Properties/MetricName");
            watched.extend(function.zip(metric));
        }
        for (name, _) in self.functions.values() {
            for metric in ALARMS {
                if !watched.contains(&(*name, metric)) {
                    complaints.push(format!("alarms: none on {metric} of {name}"));
                }
            }
        }
    }

    /// Variables of ours that no program reads are mistyped.
    fn check_variables(&self, sources: &Sources, complaints: &mut Vec<String>) {
        for (name, function) in self.functions.values() {
            let set = function.pointer("/Properties/Environment/Variables");
            let set = set.and_then(Value::as_object).into_iter().flatten();
            for (variable, _) in set.filter(|(variable, _)| variable.starts_with("AISLE_")) {
                if !sources.text.contains(&format!("\"{variable}\"")) {
                    complaints.push(format!("variables: {name} is told {variable}"));
                }
            }
        }
    }
}

fn is(resource: &Value, kind: &str) -> bool {
    resource.get("Type").and_then(Value::as_str) == Some(kind)
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

/// Whether an action or a resource of a policy is not said in full.
fn has_wildcard(policy: &Value) -> bool {
    match policy {
        Value::String(text) => text.contains('*'),
        Value::Array(all) => all.iter().any(has_wildcard),
        Value::Object(all) => all.values().any(has_wildcard),
        _ => false,
    }
}

/// Whether one of the events is of this queue.
fn names_queue(events: &Value, queue: &str) -> bool {
    let events = events.as_object().into_iter().flat_map(Map::values);
    let mut queues = events.filter(|event| is(event, "SQS"));
    queues.any(|event| text(event, "/Properties/Queue/Fn::GetAtt/0") == Some(queue))
}

fn takes_in_part(event: &Value) -> bool {
    text(event, "/Properties/FunctionResponseTypes/0") == Some("ReportBatchItemFailures")
}

/// A stream whose batches come again in part, a bounded number of times, and are kept where they are given up.
fn is_careful(event: &Value) -> bool {
    let of = |pointer: &str| event.pointer(&format!("/Properties{pointer}"));
    let tries = of("/MaximumRetryAttempts").and_then(Value::as_i64);
    takes_in_part(event)
        && of("/BisectBatchOnFunctionError") == Some(&true.into())
        && tries.is_some_and(|tries| (0..=100).contains(&tries))
        && of("/DestinationConfig/OnFailure/Destination").is_some()
}
