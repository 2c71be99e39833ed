//! Nobody's name, contact, card or note is in a log, a trace or a figure, whatever is done with them and however wrong
//! what comes in is. The programs say everything that they can say.

use aisle_tests::canaries::{
    ADDRESS, CARD, EMAIL, FAMILY, GIVEN, NOTE, ODD, PHONE, PHONE_DIGITS, found,
};
use aisle_tests::collector::Collector;
use aisle_tests::demo::{ASSOCIATE, WRITE_KEY};
use aisle_tests::paths;
use aisle_tests::until::until;
use aisle_tests::world::{DeviceProgram, World, client};
use anyhow::{Context as _, Result, bail, ensure};
use domain::api::cart::{CheckoutAnswer, PayAnswer};
use domain::api::content::Identify;
use domain::api::device::{
    AddNote, BeginCart, BeginCheckout, CartChange, ChangeCart, ChangeNote, Delivery, DeviceCall,
    IdentifyGuest, ListUnsent, PayCart, ReadStatus, SearchCustomers, SignIn,
};
use domain::api::shopper::{BecomeGuest, SendCode, ShopperToken};
use domain::cart::PaymentMethod;
use domain::ids::{AssociateId, CustomerId};
use domain::trace::TraceContext;
use serde_json::{Value, json};
use tokio::process::Command;

/// Everything of ours, and of others what they say by default.
const EVERYTHING: &str = "info,cloud_functions=trace,device=trace,sync=trace,recommend=trace,domain=trace,\
    telemetry=trace,aisle=trace,aisle_cloud=trace,aisle_device=trace";

#[tokio::test]
async fn whoever_is_looked_for_is_not_there() -> Result<()> {
    let collector = Collector::start().await?;
    let mut world = World::laid_out().await?;
    let mut variables = collector.variables();
    variables.push(("RUST_LOG".to_owned(), EVERYTHING.to_owned()));
    world.set_variables(variables.clone());
    let imported = import_her(&world, &variables).await?;
    world.start_cloud().await?;
    let tablet = world.device("tablet", "tablet").await?;
    let kiosk = world.device("kiosk", "kiosk").await?;
    let her = CustomerId::parse(EMAIL)?;

    serve_her(&tablet, &her).await?;
    ask_the_kiosk(&kiosk).await?;
    she_shops(&world).await?;
    refuse_a_note(&mut world, &tablet, &her).await?;
    say_nonsense(&world, &tablet).await?;
    world.stored()?.settle().await?;
    wait_for_the_end(&world, &collector).await?;

    let mut outputs = vec![("the import's log".to_owned(), imported)];
    for (name, says) in [
        ("cloud", "a request was answered"),
        ("tablet", "enrolled"),
        ("kiosk", "enrolled"),
        ("other", "enrolled"),
    ] {
        let log = std::fs::read(world.folder().join(format!("{name}.log")))?;
        let text = String::from_utf8_lossy(&log);
        ensure!(text.contains(says), "{name} does not say what it can");
        outputs.push((format!("the log of {name}"), log));
    }
    for (number, body) in collector.bodies().into_iter().enumerate() {
        outputs.push((format!("export {number}"), body.to_vec()));
    }
    ensure!(collector.figures() > 0, "no figures arrived");
    for (name, output) in &outputs {
        let seen = found(output);
        assert!(
            seen.is_empty(),
            "{name} tells of {seen:?}:\n{}",
            around(output)
        );
    }
    // The search finds who is there.
    let ledger = std::fs::read(world.cloud_folder().join("ledger.db"))?;
    let wal = std::fs::read(world.cloud_folder().join("ledger.db-wal")).unwrap_or_default();
    ensure!(
        !found(&[ledger, wal].concat()).is_empty(),
        "she is not in the ledger"
    );
    Ok(())
}

/// She comes from a file in which she has no number: her e-mail address is her id everywhere.
async fn import_her(world: &World, variables: &[(String, String)]) -> Result<Vec<u8>> {
    let file = world.folder().join("customers.csv");
    let lines = [
        "First Name,Last Name,Email,Phone,Card,Default Address Address1".to_owned(),
        format!("{GIVEN},{FAMILY},{EMAIL},{PHONE},{CARD},{ADDRESS} 7"),
        format!("{GIVEN},{FAMILY},{ODD} no address,,,{ADDRESS} 7"),
    ];
    std::fs::write(&file, lines.join("\n"))?;
    let mut import = Command::new(paths::program("aisle-cloud")?);
    import.args(["import", "--data"]).arg(world.cloud_folder());
    import.arg(&file).envs(variables.iter().cloned());
    let output = import.output().await?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output.stderr)
}

async fn serve_her(tablet: &DeviceProgram, her: &CustomerId) -> Result<()> {
    let wrong = SignIn {
        associate: AssociateId::parse(ASSOCIATE.0)?,
        pin: "000000".to_owned(),
    };
    ensure!(tablet.call(&wrong).await.is_err(), "a wrong PIN signs in");
    tablet.sign_in(ASSOCIATE).await?;
    for typed in [GIVEN, FAMILY, EMAIL, PHONE, PHONE_DIGITS, CARD, ODD] {
        let search = SearchCustomers {
            query: typed.to_owned(),
            limit: 5,
        };
        let hits = tablet.call(&search).await?.value.hits;
        ensure!(
            typed == ODD || hits.iter().any(|hit| hit.id == *her),
            "not found by {typed}"
        );
    }
    let add = AddNote {
        customer: her.clone(),
        text: NOTE.to_owned(),
        pinned: true,
    };
    tablet.call(&add).await?;
    let begin = BeginCart {
        customer: Some(her.clone()),
        anew: true,
    };
    let cart = tablet.call(&begin).await?.value.cart.opening.id;
    let sku = tablet.sold_items(4).await?.remove(0);
    let change = CartChange::Add { sku, quantity: 1 };
    let change = ChangeCart {
        cart: cart.clone(),
        change,
    };
    tablet.call(&change).await?;
    let page = until("her cart to be sent", || async {
        let page = tablet.read_cart(&cart).await?;
        Ok((page.unsent == 0 && page.totals.is_some()).then_some(page))
    });
    let page = page.await?;
    let begin = BeginCheckout {
        cart: cart.clone(),
        version: page.cart.version,
        total: page.totals.context("a sum")?.total,
    };
    let CheckoutAnswer::Begun { .. } = tablet.call(&begin).await? else {
        bail!("no checkout");
    };
    let pay = PayCart {
        cart,
        method: PaymentMethod::Cash,
        attempt: 1,
    };
    let PayAnswer::Ordered { .. } = tablet.call(&pay).await? else {
        bail!("not bought");
    };
    tablet.card(her).await.map(drop)
}

async fn ask_the_kiosk(kiosk: &DeviceProgram) -> Result<()> {
    let card = serde_json::from_value(json!(CARD))?;
    for identify in [
        Identify::Card(card),
        Identify::Phone(PHONE.to_owned()),
        Identify::Phone(format!("{ODD} {PHONE_DIGITS}")),
    ] {
        // Whether it knows her is not what this is about.
        let _ = kiosk.call(&IdentifyGuest { identify }).await;
    }
    Ok(())
}

/// What her browser tells, and how she signs in there.
async fn she_shops(world: &World) -> Result<()> {
    let who = json!({"userId": EMAIL, "anonymousId": "a-canary"});
    let product = json!({"sku": "AI-1", "name": ODD});
    let traits = json!({
        "email": EMAIL, "phone": PHONE, "firstName": GIVEN, "lastName": FAMILY,
        "address": {"street": ADDRESS},
    });
    for (path, call) in [
        ("identify", json!({"traits": traits})),
        (
            "track",
            json!({"event": "Products Searched", "properties": {"query": GIVEN}}),
        ),
        (
            "track",
            json!({"event": "Product Viewed", "properties": product}),
        ),
        ("track", json!({"event": ODD, "properties": {"note": NOTE}})),
        (
            "page",
            json!({"name": format!("{GIVEN} {FAMILY}"), "properties": {"url": ADDRESS}}),
        ),
    ] {
        let call = joined(joined(call, &who), &json!({"context": {"traits": traits}}));
        let url = format!("{}/v1/{path}", world.cloud_url());
        let posted = client()?.post(url).basic_auth(WRITE_KEY, Some(""));
        posted.json(&call).send().await?.error_for_status()?;
    }
    let url = world.cloud_url();
    let guest = client()?.post(format!("{url}/v1/shopper/guest"));
    let guest = guest.json(&BecomeGuest { store: None }).send().await?;
    let token: ShopperToken = guest.error_for_status()?.json().await?;
    for contact in [EMAIL, PHONE, ODD] {
        let asked = client()?.post(format!("{url}/v1/shopper/codes"));
        let asked = asked.bearer_auth(&token.access_token).json(&SendCode {
            contact: contact.to_owned(),
        });
        asked.send().await?;
    }
    Ok(())
}

/// A change that the cloud refuses: it was made on a note that had changed meanwhile.
async fn refuse_a_note(world: &mut World, tablet: &DeviceProgram, her: &CustomerId) -> Result<()> {
    let note = until("her note to be sent", || async {
        let mut notes = tablet.card(her).await?.value.notes.into_iter();
        Ok(notes.find(|note| note.note.text == NOTE && note.state == Delivery::Sent))
    });
    let note = note.await?;
    let other = world.device("other", "tablet").await?;
    other.sign_in(ASSOCIATE).await?;
    let change = |text: &str| ChangeNote {
        id: note.note.id.clone(),
        customer: her.clone(),
        base: note.version,
        text: text.to_owned(),
        pinned: false,
    };
    world.kill_cloud().await?;
    tablet.call(&change(&format!("{NOTE} {ODD}"))).await?;
    other.call(&change(&format!("{ODD} {NOTE}"))).await?;
    world.start_cloud().await?;
    for device in [tablet, &other] {
        until("what waits to be decided", || async {
            let status = device.call(&ReadStatus {}).await?.sync;
            Ok((status.unsent == 0).then_some(()))
        })
        .await?;
    }
    let refused = [
        tablet.call(&ListUnsent {}).await?,
        other.call(&ListUnsent {}).await?,
    ];
    ensure!(
        refused.iter().any(|list| !list.is_empty()),
        "nothing was refused"
    );
    Ok(())
}

/// Her data where something else belongs, in every place that a request has.
async fn say_nonsense(world: &World, tablet: &DeviceProgram) -> Result<()> {
    let (client, url) = (client()?, world.cloud_url());
    let token = world.tablet_token().await?;
    let odd = json!({ODD: {"email": EMAIL, "text": NOTE}});
    let push = json!({
        "device": EMAIL, "schema": GIVEN, "first_cseq": 1,
        "commands": [{"cseq": 1, "id": CARD, "kind": ODD, "version": 1, "args": odd}],
    });
    let requests = [
        client
            .post(format!("{url}/v1/sync/push"))
            .bearer_auth(&token)
            .json(&push),
        client
            .post(format!("{url}/v1/sync/pull"))
            .bearer_auth(EMAIL)
            .json(&odd),
        client
            .post(format!("{url}/v1/track"))
            .basic_auth(EMAIL, Some(NOTE))
            .json(&odd),
        client
            .post(format!("{url}/v1/track"))
            .basic_auth(WRITE_KEY, Some(""))
            .json(&odd),
        client
            .post(format!("{url}/v1/track"))
            .basic_auth(WRITE_KEY, Some(""))
            .body(NOTE),
        client
            .post(format!("{url}/v1/track"))
            .basic_auth(WRITE_KEY, Some(""))
            .json(&json!({"event": {ODD: EMAIL}, "anonymousId": [PHONE]})),
        client
            .get(format!("{url}/v1/carts/{EMAIL}"))
            .bearer_auth(&token),
        client.get(format!(
            "{url}/{ODD}/{GIVEN}?email={EMAIL}&phone={PHONE_DIGITS}"
        )),
        client.get(format!("{url}/v1/catalogue?store={ODD}&after={EMAIL}")),
        client.request(
            reqwest::Method::from_bytes(ODD.as_bytes())?,
            format!("{url}/healthz"),
        ),
        client
            .get(format!("{url}/healthz"))
            .header("traceparent", format!("00-{ODD}-{GIVEN}-01"))
            .header("tracestate", format!("who={EMAIL}"))
            .header("baggage", format!("who={EMAIL}"))
            .header("x-amzn-trace-id", format!("Root=1-{ODD};Parent={GIVEN}"))
            .header("user-agent", EMAIL)
            .header("x-forwarded-for", ADDRESS),
        client
            .post(format!("{url}/v1/payments/webhook"))
            .header("x-aisle-signature", EMAIL)
            .body(NOTE),
    ];
    for request in requests {
        request.send().await?;
    }
    for (name, args) in [
        (ODD, odd.clone()),
        (
            AddNote::NAME,
            json!({"customer": {EMAIL: 1}, "text": [NOTE]}),
        ),
        (
            AddNote::NAME,
            json!({"customer": ODD, "text": NOTE, "pinned": false}),
        ),
        (
            SearchCustomers::NAME,
            json!({"query": GIVEN, "limit": EMAIL}),
        ),
        (SignIn::NAME, json!({"associate": EMAIL, "pin": CARD})),
    ] {
        let call = client.post(format!("{}/device/{name}", tablet.url()));
        let call = call.header("x-aisle", "1").header("traceparent", EMAIL);
        let answer = call.json(&args).send().await?;
        ensure!(
            answer.status().is_client_error(),
            "{name}: {}",
            answer.status()
        );
    }
    Ok(())
}

/// Everything that happened before this has been exported.
async fn wait_for_the_end(world: &World, collector: &Collector) -> Result<()> {
    let last = TraceContext::begin([0xee; 16], [0xee; 8]);
    let request = client()?.get(format!("{}/healthz", world.cloud_url()));
    request
        .header("traceparent", last.to_string())
        .send()
        .await?;
    collector.find(last, "aisle-cloud", "GET /healthz").await?;
    let figures = collector.figures();
    until("figures", || async {
        Ok((collector.figures() > figures + 6).then_some(()))
    })
    .await
}

fn joined(mut one: Value, other: &Value) -> Value {
    if let (Some(one), Some(other)) = (one.as_object_mut(), other.as_object()) {
        one.extend(other.clone());
    }
    one
}

/// What was found, as far as it is text: the lines of a log that it stands in.
fn around(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let lines = text
        .lines()
        .filter(|line| !found(line.as_bytes()).is_empty());
    let lines = lines.map(|line| line.chars().take(600).collect::<String>());
    lines.take(3).collect::<Vec<_>>().join("\n")
}
