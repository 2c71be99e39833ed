//! The calls that a screen can make, one in each file, and the one door to them.

mod access;
mod add_note;
mod asked;
mod cart;
mod change_note;
mod export_unsent;
mod forget_guest;
mod help;
mod identify_guest;
mod keep;
mod list_departments;
mod list_unsent;
mod mend_command;
mod open_customer;
mod open_item;
mod read_board;
mod read_home;
mod read_scan;
mod read_status;
mod remove_note;
mod search_customers;
mod search_items;
mod set_aside;
mod set_pick;
mod sign_in;
mod sign_out;

use crate::device::{Device, Shared};
use crate::refusal::{fault, refuse};
use crate::telemetry;
use ::telemetry::within;
use access::{Access, Caller};
use domain::api::device::{
    AddNote, AskHelp, ChangeNote, DeviceCall, EndHelp, ExportUnsent, ForgetGuest, IdentifyGuest,
    ListDepartments, ListHelp, ListUnsent, MendCommand, OpenCustomer, OpenItem, ReadBoard,
    ReadHome, ReadScan, ReadStatus, Refusal, RefusalCode, RemoveNote, SearchCustomers, SearchItems,
    SetAside, SetPick, SignIn, SignOut,
};
use serde::Serialize;
use serde_json::Value;
use tracing::Instrument as _;

impl Device {
    /// Makes a call by its name. Whatever goes wrong is a refusal with a code; nothing panics on what comes in.
    pub async fn call(&self, name: &str, args: Value) -> Result<Value, Refusal> {
        let tap = telemetry::tap(&self.shared().ports);
        let span = telemetry::call();
        let answer = within(Some(tap), self.answer(name, args));
        let answer = answer.instrument(span.clone()).await;
        answer.inspect_err(|refusal| telemetry::refused(&span, refusal.code))
    }

    async fn answer(&self, name: &str, args: Value) -> Result<Value, Refusal> {
        use Access::{Anyone, Associate, Kiosk, Manager, Shopping, Tablet};
        match name {
            ReadStatus::NAME => self.run(Anyone, args, read_status::read_status).await,
            SignIn::NAME => self.sign_in(self.admit(Tablet, args).await?).await,
            SignOut::NAME => self.run(Tablet, args, sign_out::sign_out).await,
            SearchCustomers::NAME => {
                let search = search_customers::search_customers;
                self.run(Associate, args, search).await
            }
            OpenCustomer::NAME => {
                let open = open_customer::open_customer;
                self.run(Associate, args, open).await
            }
            AddNote::NAME => self.run(Associate, args, add_note::add_note).await,
            ChangeNote::NAME => self.run(Associate, args, change_note::change_note).await,
            RemoveNote::NAME => self.run(Associate, args, remove_note::remove_note).await,
            SearchItems::NAME => self.run(Anyone, args, search_items::search_items).await,
            OpenItem::NAME => self.run(Anyone, args, open_item::open_item).await,
            ListDepartments::NAME => {
                let list = list_departments::list_departments;
                self.run(Anyone, args, list).await
            }
            ReadScan::NAME => self.run(Anyone, args, read_scan::read_scan).await,
            ReadHome::NAME => self.run(Anyone, args, read_home::read_home).await,
            IdentifyGuest::NAME => self.identify_guest(self.admit(Kiosk, args).await?).await,
            ForgetGuest::NAME => self.run(Kiosk, args, forget_guest::forget_guest).await,
            ReadBoard::NAME => self.read_board(self.admit(Manager, args).await?).await,
            ListUnsent::NAME => self.run(Associate, args, list_unsent::list_unsent).await,
            MendCommand::NAME => self.run(Associate, args, mend_command::mend_command).await,
            SetAside::NAME => self.run(Associate, args, set_aside::set_aside).await,
            SetPick::NAME => self.run(Associate, args, set_pick::set_pick).await,
            ExportUnsent::NAME => {
                let export = export_unsent::export_unsent;
                self.run(Associate, args, export).await
            }
            AskHelp::NAME => self.ask_help(self.admit(Kiosk, args).await?).await,
            ListHelp::NAME => self.run(Associate, args, help::list_help).await,
            EndHelp::NAME => self.end_help(self.admit(Shopping, args).await?).await,
            _ => match self.call_cart(name, args).await {
                Some(answer) => answer,
                None => Err(unknown(name)),
            },
        }
    }

    /// Makes a call that the device answers alone.
    async fn run<C>(
        &self,
        access: Access,
        args: Value,
        call: fn(&Shared, &Caller, &C) -> Result<C::Reply, Refusal>,
    ) -> Result<Value, Refusal>
    where
        C: DeviceCall + Send + 'static,
        C::Reply: Send + 'static,
    {
        ::telemetry::rename(C::NAME);
        let request: C = asked::read(args)?;
        self.blocking(move |shared| {
            let caller = access.check(shared)?;
            json(&call(shared, &caller, &request)?)
        })
        .await
    }

    /// Reads a request and checks who makes it, for a call that goes on to the cloud.
    async fn admit<C>(&self, access: Access, args: Value) -> Result<(Caller, C), Refusal>
    where
        C: DeviceCall,
    {
        ::telemetry::rename(C::NAME);
        let request = asked::read(args)?;
        let caller = self.blocking(move |shared| access.check(shared)).await?;
        Ok((caller, request))
    }
}

fn unknown(name: &str) -> Refusal {
    let name: String = name.chars().take(64).collect();
    refuse(RefusalCode::Invalid, format!("there is no call `{name}`"))
}

/// A reply as it goes to the screen.
fn json<T: Serialize>(reply: &T) -> Result<Value, Refusal> {
    serde_json::to_value(reply).map_err(fault)
}

#[cfg(test)]
mod tests;
