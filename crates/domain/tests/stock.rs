//! Stock: nothing is negative, nothing is held twice, everything is accounted for.

use dermaga_domain::id::{LineId, SkuId, WarehouseId};
use dermaga_domain::stock::{Demand, Level, LevelKey, MovementKind, Shelf, Target, Terms, Turn};
use dermaga_domain::time::Time;
use proptest::prelude::*;

const SKU: SkuId = SkuId(7);
const HOUSES: [WarehouseId; 2] = [WarehouseId(1), WarehouseId(2)];

fn key(warehouse: WarehouseId) -> LevelKey {
    LevelKey { sku: SKU, warehouse }
}

#[derive(Debug, Clone)]
enum Step {
    Settle { line: i64, target: Target, paid: bool, ship_by: i64, turn: bool, sources: usize },
    OnHand { house: usize, to: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let target = prop_oneof![
        Just(Target::default()),
        (1..6_i64).prop_map(|q| Target { reserve: q, allocate: 0, sold: 0 }),
        (1..6_i64).prop_map(|q| Target { reserve: 0, allocate: q, sold: 0 }),
        (1..6_i64).prop_map(|q| Target { reserve: 0, allocate: 0, sold: q }),
        (1..4_i64, 1..4_i64).prop_map(|(a, s)| Target { reserve: 0, allocate: a, sold: s }),
    ];
    prop_oneof![
        6 => (0..5_i64, target, any::<bool>(), 0..9_i64, any::<bool>(), 0..4_usize).prop_map(
            |(line, target, paid, ship_by, turn, sources)| Step::Settle {
                line, target, paid, ship_by, turn, sources
            }
        ),
        1 => (0..2_usize, 0..12_i64).prop_map(|(house, to)| Step::OnHand { house, to }),
    ]
}

fn sources(which: usize) -> &'static [WarehouseId] {
    match which {
        1 => &HOUSES[..1],
        2 => &HOUSES[1..],
        3 => &HOUSES,
        // A shop that sells from nowhere any more still gives back what its orders hold.
        _ => &[],
    }
}

fn check(shelf: &Shelf, start: &[Level; 2]) {
    for (house, &warehouse) in HOUSES.iter().enumerate() {
        let level = shelf.level(key(warehouse));
        assert!(level.available() >= 0, "available is negative: {level:?}");
        assert!(level.on_hand >= 0 && level.allocated >= 0 && level.reserved >= 0);
        let held = || shelf.holdings_at(key(warehouse)).map(|(_, holding)| holding);
        assert_eq!(level.allocated, held().map(|h| h.allocated).sum::<i64>());
        assert_eq!(level.reserved, held().map(|h| h.reserved).sum::<i64>());
        assert_eq!(level.short, held().map(|h| h.short).sum::<i64>());
        assert_eq!(level.reserved_unpaid, held().map(|h| h.reserved_unpaid()).sum::<i64>());
        let moves = || shelf.movements().iter().filter(|m| m.level == key(warehouse));
        assert_eq!(level.on_hand, start[house].on_hand + moves().map(|m| m.on_hand).sum::<i64>());
        assert_eq!(level.allocated, moves().map(|m| m.allocated).sum::<i64>());
        assert_eq!(level.reserved, moves().map(|m| m.reserved).sum::<i64>());
        assert_eq!(level.short, moves().map(|m| m.short).sum::<i64>());
        for (holding_key, holding) in shelf.holdings_at(key(warehouse)) {
            let own =
                || moves().filter(|m| m.holding.is_some_and(|(line, _)| line == holding_key.line));
            assert_eq!(holding.sold, own().map(|m| -m.on_hand).sum::<i64>());
            assert_eq!(holding.allocated, own().map(|m| m.allocated).sum::<i64>());
            let mut revisions: Vec<i64> = own().filter_map(|m| m.holding).map(|(_, r)| r).collect();
            let count = revisions.len();
            revisions.dedup();
            assert_eq!(revisions.len(), count, "a revision moved twice");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn books_balance(start in [0..15_i64, 0..15_i64], steps in prop::collection::vec(step(), 1..25)) {
        let mut shelf = Shelf::default();
        let start = start.map(|on_hand| Level { on_hand, ..Level::default() });
        for (house, &warehouse) in HOUSES.iter().enumerate() {
            shelf.put_level(key(warehouse), start[house]);
        }
        for step in steps {
            match step {
                Step::Settle { line, target, paid, ship_by, turn, sources: which } => {
                    let demand = Demand {
                        line: LineId(line),
                        sku: SKU,
                        target,
                        sources: sources(which),
                        terms: Terms { buyer_paid: paid, ship_by: Some(Time(ship_by)) },
                        turn: if turn { Turn::Next } else { Turn::Queued },
                    };
                    shelf.settle(&demand);
                    for level in shelf.overheld() {
                        shelf.cut(level);
                    }
                    let again = shelf.clone();
                    shelf.settle(&Demand { turn: Turn::Queued, ..demand });
                    let mine = |shelf: &Shelf| -> i64 {
                        shelf.holdings_of(LineId(line), SKU).map(|(_, h)| h.sold).sum()
                    };
                    // Who has nothing and may take from nowhere stays without.
                    let nowhere = shelf.holdings_of(LineId(line), SKU).next().is_none();
                    let target = if nowhere { Target::default() } else { target };
                    prop_assert!(!nowhere || sources(which).is_empty());
                    prop_assert_eq!(mine(&again), target.sold);
                    prop_assert_eq!(mine(&shelf), target.sold);
                    let open: i64 = shelf.holdings_of(LineId(line), SKU).map(|(_, h)| h.want).sum();
                    prop_assert_eq!(open, target.total());
                }
                Step::OnHand { house, to } => {
                    let level = key(HOUSES[house]);
                    shelf.move_on_hand(level, MovementKind::Count, to - shelf.level(level).on_hand);
                    for level in shelf.overheld() {
                        shelf.cut(level);
                    }
                }
            }
            check(&shelf, &start);
        }
    }
}

#[test]
fn settling_twice_moves_nothing_more() {
    let mut shelf = Shelf::default();
    shelf.put_level(key(HOUSES[0]), Level { on_hand: 3, ..Level::default() });
    let demand = Demand {
        line: LineId(1),
        sku: SKU,
        target: Target { reserve: 0, allocate: 5, sold: 0 },
        sources: &HOUSES,
        terms: Terms::default(),
        turn: Turn::Queued,
    };
    shelf.settle(&demand);
    let moved = shelf.movements().len();
    shelf.settle(&demand);
    assert_eq!(shelf.movements().len(), moved);
    assert_eq!(shelf.level(key(HOUSES[0])).allocated, 3);
    assert_eq!(shelf.level(key(HOUSES[0])).short, 2);
}

#[test]
fn an_invoice_takes_the_units_of_an_unpaid_reservation() {
    let mut shelf = Shelf::default();
    shelf.put_level(key(HOUSES[0]), Level { on_hand: 2, ..Level::default() });
    let mut demand = Demand {
        line: LineId(1),
        sku: SKU,
        target: Target { reserve: 2, allocate: 0, sold: 0 },
        sources: &HOUSES[..1],
        terms: Terms { buyer_paid: false, ship_by: None },
        turn: Turn::Queued,
    };
    shelf.settle(&demand);
    demand.line = LineId(2);
    demand.target = Target { reserve: 0, allocate: 1, sold: 0 };
    demand.terms.buyer_paid = true;
    shelf.settle(&demand);
    assert_eq!(shelf.overheld(), vec![key(HOUSES[0])]);
    assert_eq!(shelf.cut(key(HOUSES[0])), vec![LineId(1)]);
    let level = shelf.level(key(HOUSES[0]));
    assert_eq!((level.allocated, level.reserved, level.available()), (1, 1, 0));
}

#[test]
fn who_was_short_first_is_served_first() {
    let mut shelf = Shelf::default();
    shelf.put_level(key(HOUSES[0]), Level { on_hand: 0, ..Level::default() });
    let demand = |line, turn| Demand {
        line: LineId(line),
        sku: SKU,
        target: Target { reserve: 0, allocate: 1, sold: 0 },
        sources: &HOUSES[..1],
        terms: Terms::default(),
        turn,
    };
    shelf.settle(&demand(1, Turn::Queued));
    shelf.move_on_hand(key(HOUSES[0]), MovementKind::Receipt, 1);
    shelf.settle(&demand(2, Turn::Queued));
    assert_eq!(shelf.level(key(HOUSES[0])).short, 2, "the second waits behind the first");
    assert_eq!(shelf.level(key(HOUSES[0])).available(), 1, "the unit is kept for its turn");
    shelf.settle(&demand(1, Turn::Next));
    let first = shelf.holdings_of(LineId(1), SKU).next().map(|(_, holding)| holding.allocated);
    assert_eq!(first, Some(1));
}

#[test]
fn what_is_held_can_be_given_up_though_no_warehouse_is_a_source_any_more() {
    let mut shelf = Shelf::default();
    shelf.put_level(key(HOUSES[0]), Level { on_hand: 5, ..Level::default() });
    let mut demand = Demand {
        line: LineId(1),
        sku: SKU,
        target: Target { reserve: 0, allocate: 3, sold: 0 },
        sources: &HOUSES[..1],
        terms: Terms::default(),
        turn: Turn::Queued,
    };
    shelf.settle(&demand);
    demand.sources = &[];
    demand.target = Target { reserve: 0, allocate: 0, sold: 1 };
    shelf.settle(&demand);
    let level = shelf.level(key(HOUSES[0]));
    assert_eq!((level.on_hand, level.allocated, level.short), (4, 0, 0));
    demand.line = LineId(2);
    shelf.settle(&demand);
    assert_eq!(shelf.holdings_of(LineId(2), SKU).count(), 0, "there is nowhere to take from");
}

#[test]
fn a_sale_takes_its_own_units_then_free_ones_then_those_of_others() {
    let mut shelf = Shelf::default();
    shelf.put_level(key(HOUSES[0]), Level { on_hand: 4, ..Level::default() });
    let demand = |line, target| Demand {
        line: LineId(line),
        sku: SKU,
        target,
        sources: &HOUSES[..1],
        terms: Terms { buyer_paid: true, ship_by: Some(Time(line)) },
        turn: Turn::Queued,
    };
    let allocate = |q| Target { reserve: 0, allocate: q, sold: 0 };
    let sold = |q| Target { reserve: 0, allocate: 0, sold: q };
    shelf.settle(&demand(1, allocate(2)));
    shelf.settle(&demand(2, allocate(1)));
    shelf.settle(&demand(3, sold(3)));
    assert_eq!(shelf.overheld(), [key(HOUSES[0])]);
    assert_eq!(shelf.cut(key(HOUSES[0])), [LineId(2), LineId(1)], "the latest ship-by first");
    let level = shelf.level(key(HOUSES[0]));
    assert_eq!((level.on_hand, level.allocated, level.short), (1, 1, 2));
    assert!(shelf.found().is_empty(), "it was on hand, though held by others");
    shelf.settle(&demand(4, sold(2)));
    assert_eq!(shelf.found().iter().map(|found| found.quantity).collect::<Vec<_>>(), [1]);
    shelf.cut(key(HOUSES[0]));
    let level = shelf.level(key(HOUSES[0]));
    assert_eq!((level.on_hand, level.allocated, level.short), (0, 0, 3));
}
