//! Who may do what: roles of people, scopes of keys, and the permissions that each of them has.
//!
//! The table is data in the code, not rows in a database: what a role means changes with a release, and
//! `docs/access.md` is held to it by a test.

use std::fmt;
use std::str::FromStr;

use crate::order::ActKind;
use crate::term::{CommandKind, UnknownWord, term};

term! {
    /// What a person is in an org.
    Role("role") {
        /// Everything, also about other owners.
        Owner = "owner",
        /// Everything but owners.
        Manager = "manager",
        /// The day's orders and stock.
        Operator = "operator",
        /// Packs and ships.
        Packer = "packer",
        /// Looks at documents and records payments.
        Finance = "finance",
        /// Looks at orders and stock.
        Viewer = "viewer",
        /// Connects other programs: what a key of the API may do at most.
        Integrator = "integrator",
    }
}

term! {
    /// Something that may be done, or not.
    Permission("permission") {
        /// Orders, their documents, explanations and commands; flows as they are.
        SeeOrders = "see_orders",
        /// Stock levels.
        SeeStock = "see_stock",
        /// The transmit log, without the bodies.
        SeeLog = "see_log",
        /// Buyers unmasked; every look is written down.
        SeeBuyers = "see_buyers",
        /// What channels sent and answered, byte for byte; every look is written down.
        SeeRaw = "see_raw",
        /// Who did what.
        SeeAudit = "see_audit",
        /// Acts on documents, and commands that decide about an order.
        ActOnOrders = "act_on_orders",
        /// Calling the courier, telling a shipment, printing labels.
        ShipOrders = "ship_orders",
        /// Saying that an invoice is paid, or is not.
        RecordPayments = "record_payments",
        /// Receiving, counting, adjusting; mapping listings and telling channels what is left.
        ChangeStock = "change_stock",
        /// Downloading orders by number or time.
        Download = "download",
        /// Changing the flow of a shop.
        EditFlows = "edit_flows",
        /// Connecting shops, their credentials and settings.
        ManageShops = "manage_shops",
        /// Making and revoking keys of the API.
        ManageKeys = "manage_keys",
        /// Inviting people, their roles, ending their sessions.
        ManageUsers = "manage_users",
        /// Making somebody an owner, and changing owners.
        ManageOwners = "manage_owners",
        /// Tasks, queues and dead letters of the whole business.
        Operate = "operate",
        /// What is held about one buyer: given out, and erased.
        AnswerBuyers = "answer_buyers",
    }
}

term! {
    /// What a key of the API may be used for.
    KeyScope("scope of a key") {
        /// Reads orders, stock, log and feed, buyers masked.
        Read = "read",
        /// Gives commands and acts on documents.
        Act = "act",
        /// Changes stock.
        Stock = "stock",
        /// Downloads orders.
        Download = "download",
        /// Sees buyers unmasked.
        Buyers = "buyers",
        /// Sees what channels sent, byte for byte.
        Raw = "raw",
        /// Reads who did what.
        Audit = "audit",
        /// Gives out and erases what is held about one buyer.
        Privacy = "privacy",
    }
}

/// A set of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Permissions(u32);

impl Permissions {
    /// None at all.
    pub const NONE: Self = Self(0);

    /// These.
    #[must_use]
    pub const fn of(list: &[Permission]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < list.len() {
            bits |= 1 << (list[at] as u32);
            at += 1;
        }
        Self(bits)
    }

    /// Whether it is one of them.
    #[must_use]
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & (1 << (permission as u32)) != 0
    }

    /// Whether nothing is in here that is not in the other.
    #[must_use]
    pub const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Those that are in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those that are in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is left of them for somebody who sees only some shops or warehouses.
    #[must_use]
    pub fn of_limited(self) -> Self {
        let all = Permission::ALL.iter().filter(|permission| permission.is_about_all());
        let about_all = all.fold(Self::NONE, |all, permission| all.or(Self::of(&[*permission])));
        Self(self.0 & !about_all.0)
    }

    /// Each of them, in the order of the vocabulary.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.has(*permission))
    }
}

use Permission as P;

const MANAGER: [P; 17] = [
    P::SeeOrders,
    P::SeeStock,
    P::SeeLog,
    P::SeeBuyers,
    P::SeeRaw,
    P::SeeAudit,
    P::ActOnOrders,
    P::ShipOrders,
    P::RecordPayments,
    P::ChangeStock,
    P::Download,
    P::EditFlows,
    P::ManageShops,
    P::ManageKeys,
    P::ManageUsers,
    P::Operate,
    P::AnswerBuyers,
];
const OPERATOR: [P; 9] = [
    P::SeeOrders,
    P::SeeStock,
    P::SeeLog,
    P::SeeBuyers,
    P::ActOnOrders,
    P::ShipOrders,
    P::RecordPayments,
    P::ChangeStock,
    P::Download,
];
const PACKER: [P; 3] = [P::SeeOrders, P::SeeStock, P::ShipOrders];
const FINANCE: [P; 4] = [P::SeeOrders, P::SeeStock, P::RecordPayments, P::Download];
const VIEWER: [P; 2] = [P::SeeOrders, P::SeeStock];
const INTEGRATOR: [P; 14] = [
    P::SeeOrders,
    P::SeeStock,
    P::SeeLog,
    P::SeeBuyers,
    P::SeeRaw,
    P::SeeAudit,
    P::ActOnOrders,
    P::ShipOrders,
    P::RecordPayments,
    P::ChangeStock,
    P::Download,
    P::ManageKeys,
    P::Operate,
    P::AnswerBuyers,
];

impl Role {
    /// What the role may do.
    #[must_use]
    pub const fn permissions(self) -> Permissions {
        match self {
            Self::Owner => Permissions::of(Permission::ALL),
            Self::Manager => Permissions::of(&MANAGER),
            Self::Operator => Permissions::of(&OPERATOR),
            Self::Packer => Permissions::of(&PACKER),
            Self::Finance => Permissions::of(&FINANCE),
            Self::Viewer => Permissions::of(&VIEWER),
            Self::Integrator => Permissions::of(&INTEGRATOR),
        }
    }

    /// Whether somebody of this role may give, change or take the other one: nobody gives more than
    /// they have.
    #[must_use]
    pub const fn may_give(self, other: Self) -> bool {
        let mine = self.permissions();
        mine.has(P::ManageUsers) && other.permissions().is_within(mine)
    }
}

impl KeyScope {
    /// What a key of this scope may do.
    #[must_use]
    pub const fn permissions(self) -> Permissions {
        let wanted = match self {
            Self::Read => Permissions::of(&[P::SeeOrders, P::SeeStock, P::SeeLog]),
            Self::Act => Permissions::of(&[P::ActOnOrders, P::ShipOrders, P::RecordPayments]),
            Self::Stock => Permissions::of(&[P::ChangeStock]),
            Self::Download => Permissions::of(&[P::Download]),
            Self::Buyers => Permissions::of(&[P::SeeBuyers]),
            Self::Raw => Permissions::of(&[P::SeeRaw]),
            Self::Audit => Permissions::of(&[P::SeeAudit]),
            Self::Privacy => Permissions::of(&[P::AnswerBuyers]),
        };
        wanted.and(Role::Integrator.permissions())
    }

    /// The scope that a key lacks when it may not do this; none = no scope allows it.
    #[must_use]
    pub fn that_allows(permission: Permission) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.permissions().has(permission))
    }
}

impl Permission {
    /// Whether it is about the whole business: whoever sees only some shops or warehouses of it does
    /// not have it, whatever their role.
    #[must_use]
    pub const fn is_about_all(self) -> bool {
        matches!(
            self,
            P::SeeAudit
                | P::ManageUsers
                | P::ManageOwners
                | P::ManageKeys
                | P::Operate
                | P::AnswerBuyers
        )
    }

    /// What giving a command needs.
    #[must_use]
    pub const fn to_give(command: CommandKind) -> Self {
        match command {
            CommandKind::Pickup | CommandKind::Ship | CommandKind::Label => P::ShipOrders,
            CommandKind::Accept
            | CommandKind::Partial
            | CommandKind::Reject
            | CommandKind::Cancel
            | CommandKind::AgreeCancel
            | CommandKind::RefuseCancel => P::ActOnOrders,
        }
    }

    /// What an act on a document needs.
    #[must_use]
    pub const fn to_act(act: ActKind) -> Self {
        match act {
            ActKind::Paid | ActKind::Unpaid => P::RecordPayments,
            ActKind::Void
            | ActKind::Restore
            | ActKind::Sent
            | ActKind::Unsent
            | ActKind::Release => P::ActOnOrders,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table as people read it: a line for each permission, a mark for each role that has it.
    fn table() -> String {
        let roles: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        let mut text =
            format!("| permission | {} |\n|---|{}\n", roles.join(" | "), "---|".repeat(7));
        for permission in Permission::ALL {
            let marks: Vec<&str> = Role::ALL
                .iter()
                .map(|role| if role.permissions().has(*permission) { "yes" } else { "" })
                .collect();
            text.push_str(&format!("| `{permission}` | {} |\n", marks.join(" | ")));
        }
        text
    }

    #[test]
    fn the_documented_table_is_the_one_in_force() {
        let page = include_str!("../../../docs/access.md");
        assert!(page.contains(&table()), "docs/access.md should hold:\n{}", table());
        for scope in KeyScope::ALL {
            let may: Vec<String> = scope.permissions().iter().map(|it| format!("`{it}`")).collect();
            let line = format!("| `{scope}` | {} |", may.join(", "));
            assert!(page.contains(&line), "docs/access.md should hold: {line}");
        }
    }

    #[test]
    fn nobody_gives_more_than_they_have() {
        for role in Role::ALL {
            assert!(Role::Owner.may_give(*role), "{role}");
            assert_eq!(Role::Manager.may_give(*role), *role != Role::Owner, "{role}");
            for other in
                [Role::Operator, Role::Packer, Role::Finance, Role::Viewer, Role::Integrator]
            {
                assert!(!other.may_give(*role), "{other} gives {role}");
            }
        }
        for scope in KeyScope::ALL {
            assert!(scope.permissions().is_within(Role::Integrator.permissions()));
            assert_ne!(scope.permissions(), Permissions::NONE, "{scope}");
        }
    }

    #[test]
    fn every_permission_fits_and_is_somebodys() {
        assert!(Permission::ALL.len() <= 32);
        let all = Permissions::of(Permission::ALL);
        assert_eq!(all.iter().count(), Permission::ALL.len());
        assert!(Role::Viewer.permissions().is_within(Role::Packer.permissions()));
        assert!(!Role::Packer.permissions().is_within(Role::Viewer.permissions()));
        assert_eq!(KeyScope::that_allows(P::ManageUsers), None);
        assert_eq!(KeyScope::that_allows(P::ShipOrders), Some(KeyScope::Act));
    }
}
