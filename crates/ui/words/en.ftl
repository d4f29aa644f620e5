# Dermaga's words in English. One name per thing.

## Frame
skip = Skip to content
nav = Main navigation
nav-orders = Orders
nav-bin = Recycle bin
nav-stock = Stock
nav-flows = Status flows
nav-log = Transmit log
nav-shops = Shops
search = Search
search-label = Find an order, invoice, AWB, SKU
account = Account { $name }
logout = Log out
language = Language

## Log-in
login-title = Log in
login-account = Account
login-password = Password
login-go = Log in
login-refused = Not logged in yet
login-error-wrong = That account and password do not match. Check for capital letters and try again.
login-error-locked = Too many attempts. Try again in { $minutes } minutes.
login-error-expired = Your session has ended. Log in again and you will come back to the page you were on.

## Tabs
tab-all = All
tab-all-about = Every order of every channel, whatever its tab.
tab-unpaid = Unpaid
tab-unpaid-about = The buyer has not paid the channel: no document yet, or a sales order that only reserves stock.
tab-new_order = New Order
tab-new_order-about = Waiting to be accepted: sales order, stock reserved.
tab-ready_to_ship = Ready to Ship
tab-ready_to_ship-about = Invoice unpaid and unsent, stock allocated.
tab-in_delivery = In Delivery
tab-in_delivery-about = Invoice unpaid but sent, stock gone out.
tab-completed = Completed
tab-completed-about = Invoice sent and paid.
tab-cancelled = Cancelled
tab-cancelled-about = Document in the recycle bin and stock released, unless the goods were already sent.
tab-complained = Complained
tab-complained-about = A complaint or return is open: the invoice stays, someone must look at goods and money.
tab-failed_delivery = Failed Delivery
tab-failed_delivery-about = The parcel did not arrive: the invoice stays sent until the goods are received back.
tab-action_needed = Action Needed
tab-action_needed-about = Orders of any tab that wait for a person's decision.
tab-none = No tab
tabs-label = Stage of the order

## Documents and their axes
document-none = No document yet
document-sales_order = Sales order
document-invoice = Invoice
delivery-unsent = Unsent
delivery-partly_sent = Partly sent
delivery-sent = Sent
payment-unpaid = Unpaid
payment-paid = Paid
bin-mark = Recycle bin

## Attention
attention-manual_void = Void by hand
attention-return_edit = Return to be recorded
attention-cancelled_after_sent = Cancelled after sending
attention-short = Short of stock
attention-unmapped = Goods not mapped
attention-unknown_status = Unknown status
attention-awb_invalid = Invalid AWB
attention-awb_missing = AWB missing
attention-parcel_returning = Parcel returning
attention-on_hold = Held by the channel
attention-cancel_request = Buyer asks to cancel
attention-lines_changed = Goods changed
attention-differs_from_channel = Differs from the channel
attention-status_went_back = Status went back
attention-arrange_again = Arrange shipping again
attention-parcel_lost = Parcel lost
attention-count = Stock to be counted
attention-out_of_stock = Cancelled for want of stock
attention-edited_changed = Edited invoice changed
attention-gap = Gap in the order pull

## List of orders
orders-caption = Orders: { $tab }
col-channel = Channel
col-shop = Shop
col-channel-shop = Channel, shop
col-order-document = Order, document
col-buyer = Buyer
col-goods = Goods
col-total = Total
col-carrier-awb = Carrier, AWB
col-due = Ship by
col-status-tab = Status, tab
col-payment-delivery = Payment, delivery
copy-number = Copy { $number }
copied = Copied
awb-none = No AWB yet
status-none = No status yet
holding-unmapped = not mapped
short-by = short by { $n }
lines-more = +{ $n }
filter = Filter
filter-any-channel = Every channel
filter-any-shop = Every shop
filter-search = Order, invoice, AWB or SKU
filter-apply = Apply
filter-clear = Clear all filters
filter-channel = Channel: { $value }
filter-shop = Shop: { $value }
filter-query = Search: { $value }
filter-newest = Newest first
sort = Sort
sort-deadline = Soonest deadline first
sort-newest = Newest first
filter-remove = Remove filter { $value }
paging = Pages
paging-newer = Newer
paging-older = Older
wait-one = 1 new order is waiting.
wait-many = # new orders are waiting.
wait-show = Show
empty-tab = No orders in this tab
empty-filter = No orders match
first-title = No orders yet
first-what = Orders of all your shops appear here as soon as a channel tells us of them, with their documents and stock.
first-step-shop = Connect a shop and switch on its order sync.
first-step-stock = Bring in opening stock from a CSV file.
first-step-download = Download the orders the channel already has.
first-wait = This page updates by itself when the first order arrives.
first-flows = See the status flows

## Time
day-today = Today
day-yesterday = Yesterday
day-tomorrow = Tomorrow
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec
due-late = { $span } late
span-minutes = { $n } min
span-hours = { $n } h
span-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
  }
span-mixed = { $h } h { $m } m
ago-now = just now
ago-minutes = { $n } min ago
ago-hours = { $n } h ago
ago-days = { $n ->
    [one] { $n } day ago
   *[other] { $n } days ago
  }
seconds = { $s } s

## Attention: one line on each
attention-manual_void-about = The buyer cancelled; check the parcel, then void the invoice or let it stand.
attention-return_edit-about = There is a return or a complaint; check goods and money, then adjust the invoice.
attention-cancelled_after_sent-about = The channel cancelled after the goods were sent; the invoice stays until you decide.
attention-short-about = More was sold than there is; receive stock or write to the buyer.
attention-unmapped-about = Some goods are not mapped to a SKU; their stock is not held.
attention-unknown_status-about = The channel named a status that is not in the flow; no document changed.
attention-awb_invalid-about = The channel refused the AWB; correct it in the seller centre.
attention-awb_missing-about = The channel waits for an AWB; enter it in the seller centre.
attention-parcel_returning-about = The parcel is on its way back; wait for the goods, then record the return.
attention-on_hold-about = The channel holds this order; do not ship it yet.
attention-cancel_request-about = The buyer asks to cancel; answer in the seller centre before time runs out.
attention-lines_changed-about = The goods changed after sending; no stock was moved, check the difference.
attention-differs_from_channel-about = The document follows a person's decision; the channel now says otherwise.
attention-status_went_back-about = The channel told an earlier status; no document was lowered.
attention-arrange_again-about = The pickup failed; arrange shipping once more.
attention-parcel_lost-about = The carrier lost or damaged the parcel; file a claim.
attention-out_of_stock-about = The channel cancelled because the goods were not there; count the stock of their SKUs.
attention-count-about = More went out than was on record; count the stock of this SKU.
attention-edited_changed-about = The channel changed the goods of an invoice that a person had edited; check both.
attention-gap-about = The channel was not heard for longer than its pull window; orders may have been missed.
attention-note-cancelled_after_sent = The carrier took the goods { $sent }, the cancellation was heard { $time }.

## How it was heard
mode-realtime = Real time
mode-download = Download
mode-operator = Operator
source-webhook = webhook
source-fetch = fetch of details
source-order_pull = scheduled order pull
source-status_update = scheduled status update
source-reread = re-read
source-first_sync = first sync
source-download = download
source-command_line = command line
source-person = a person

## Transitions of documents
verb-create_order = create_order
verb-create_order-about = Sales order made
verb-convert_order_to_invoice = convert_order_to_invoice
verb-convert_order_to_invoice-about = Sales order became an invoice
verb-create_invoice = create_invoice
verb-create_invoice-about = Invoice made
verb-create_outbound_logistic = create_outbound_logistic
verb-create_outbound_logistic-about = Invoice marked sent
verb-add_payment = add_payment
verb-add_payment-about = Invoice marked paid
verb-void_invoice = void_invoice
verb-void_invoice-about = Document moved to the recycle bin
verb-restore_invoice = restore_invoice
verb-restore_invoice-about = Document restored from the recycle bin
verb-flag_return = flag_return
verb-flag_return-about = Return flagged
verb-flag_attention = flag_attention
verb-flag_attention-about = Flagged for a person to look at
verb-none = none
verb-none-about = No transition

## Flow
ensure-sales_order = sales order
ensure-invoice = invoice
ensure-partly_sent = partly sent
ensure-sent = sent
ensure-paid = paid
ensure-void = void
ensure-manual_void = void by hand
ensure-return = return
ensure-nothing = nothing
actor-any = anyone
actor-buyer = buyer
actor-seller = seller
actor-system = system
about-order = order
about-package = package
about-return = return
about-cancel_request = cancel request
preset-classic = classic
preset-recommended = recommended
flow-view-in_use = In use
flow-view-classic = Classic
flow-view-recommended = Recommended
flow-view-both = Side by side
flow-title = Status flow
flow-version = Version { $version }, from the { $preset } preset
flow-edited = edited
flow-since = in use since
flow-switch = Which rules are shown
flow-presets = The channel's presets
flow-about = Each row says what must hold once a status has been heard. Tab and attention always follow the status; real time and download only decide whether the document does.
flow-final = Cancelled orders of this channel never come back.
flow-latest = Cancelled orders of this channel can come back: the newest word decides.
flow-rules = Rules
flow-caption = What must hold once a { $channel } status has been heard
tab-kept = unchanged
yes = Yes
no = No
col-status = Status
col-actor = Actor
col-meaning = Meaning
col-ensures = Ensures
col-verb = Verb
col-tab = Tab
col-attention = Attention

## Order page
order = Order
crumb = Where you are
status-of = Status { $status }
rule-of = Rule { $status }
documents = Documents
made = Made
document-not-made = None yet
document-delivery = Delivery
document-payment = Payment
invoice-reference = ref. { $awb }
bin-is-in = In here
bin-left = No longer in here
bin-never = Never in here
bin-entered-at = Entered
bin-left-at = restored
lines-units = { $n ->
    [one] { $n } unit
   *[other] { $n } units
  }
lines-unknown = The goods are not known yet. A document is made as soon as the channel tells them.
line-cancelled = { $n } cancelled
col-sku = SKU
col-quantity = Quantity
col-holding = Stock
col-price = Price
col-subtotal = Subtotal
col-time = Time
col-movement = Movement
col-warehouse = Warehouse
col-units = Units
col-on-hand = On hand
col-allocated = Allocated
col-reserved = Reserved
col-short = Short
col-available = Available
holding-nothing = not held
holding-reserved = reserved
holding-allocated = allocated
holding-sold = sold
holding-short = short
movement-opening = Opening
movement-opening-n = opening { $n } units
movement-receipt = Receipt
movement-receipt-n = { $n } units received
movement-reserve = Reservation
movement-reserve-n = { $n } units reserved
movement-allocate = Allocation
movement-allocate-n = { $n } units allocated
movement-release = Release
movement-release-n = { $n } units released
movement-sale = Sale
movement-sale-n = { $n } units gone out
movement-return = Return
movement-return-n = { $n } units returned
movement-adjustment = Adjustment
movement-adjustment-n = { $n } units adjusted
movement-transfer = Transfer
movement-transfer-n = { $n } units transferred
movement-count = Count
movement-count-n = { $n } units by count
movement-found = Found
movement-found-n = { $n } units found
timeline = Timeline
timeline-count = { $n ->
    [one] { $n } entry
   *[other] { $n } entries, newest first
  }
fact-said = { $channel }: status
fact-by = by { $actor }
fact-since = in force since { $time }
fact-reason = Reason: “{ $reason }”.
fact-message = message { $message }
fact-rule = Rule { $status } · version { $version }
fact-no-rule = No rule
signature-matches = signature matches
signature-differs = signature does not match
effect-none = No document changed
effect-held = Held back: { $mode } does not move documents in this flow
rejudged = { $person } judged this order again by flow version { $version }.
stock-effect = Effect on stock
stock-effect-note = Figures after the movement
order-aside = Acts, buyer, packages, deadlines, money
buyer-name = Name
buyer-phone = Phone
buyer-address = Address
buyer-erased = Erased
packages = Packages
packages-none = No package yet
package-carrier = Carrier
package-booking = Booking code
package-awb = AWB
package-sent = Picked up
booking-none = No booking code yet
deadlines = Deadlines
placed = Placed
accept-by = Accept by
money = Money
money-goods = Goods
money-shipping = Shipping
money-discount = Discount
money-voucher = Shop voucher
money-fee = Fee
money-insurance = Insurance
money-tax = Tax
money-other = Other

## Acts of people
acts = Acts
act-void = Void the document
act-restore = Restore from the recycle bin
act-paid = Mark paid
act-unpaid = Mark unpaid
act-sent = Mark sent
act-unsent = Mark unsent
act-release = Follow the channel again
act-reason = Reason (may be left empty)
act-does-void = The document goes to the recycle bin and { $n } units are released. Your decision outranks the channel until you follow it again.
act-does-void-sent = The document goes to the recycle bin. Its goods, { $n } units, are already out: choose what becomes of them.
act-does-restore = The document holds again and { $n } units are held as far as they are there.
act-does-paid = The invoice is marked paid, whatever the channel says.
act-does-unpaid = The invoice is marked unpaid, whatever the channel says.
act-does-sent = The invoice is marked sent and { $n } units go out of stock.
act-does-unsent = The invoice is marked unsent and { $n } units are allocated again.
act-does-release = The person's decision is let go; the document follows what the channel says again.
restock = The goods
restock-stock = Back to stock
restock-damaged = Damaged, not for sale
restock-lost = Not coming back
notice-done = { $act }: done.
notice-nothing = Nothing changed: the order is already like that.
notice-stale = The order changed since this page was opened, so your act was not done. Look again, then repeat it.

## Explanation
axis-document = Document
axis-delivery = Delivery
axis-payment = Payment
axis-cancelled = Cancelled
axis-tab = Tab
axis-stock = Stock
cancelled-no = No
cancelled-manual = Waits for a person
cancelled-yes = Yes

what-if-same = Under the { $flow } flow this order would be the same.
what-if-differs = Under the { $flow } flow this order would be otherwise: { $ends }.
what-if-nothing = Nothing to look at
explain-lead-none = No document yet: so far only { $status } { $meaning } was heard.
explain-lead-waits-lines = The document waits for the goods to be told by the channel.
explain-lead-sales_order = The sales order holds since { $status } { $meaning } was heard { $time }.
explain-lead-invoice = The invoice holds since { $status } { $meaning } was heard { $time }; the goods are not sent yet.
explain-lead-partly_sent = The invoice is partly sent: { $n } of { $total } units are out.
explain-lead-sent = The invoice is sent since { $status } { $meaning } was heard { $time }; it is not paid yet.
explain-lead-completed = Completed: the invoice is sent and paid since { $status } { $meaning } was heard { $time }.
explain-lead-cancelled = The document is in the recycle bin: { $status } { $meaning } was heard { $time }.
explain-lead-cancelled-none = Cancelled before there was a document: { $status } { $meaning } was heard { $time }.
explain-lead-cancelled_after_sent = The invoice still holds although the { $actor } cancelled { $time } ({ $status }): the goods were sent { $sent }.
explain-lead-manual_void = The { $actor } asks to cancel ({ $status }); the invoice stays until someone decides.
explain-lead-returned = There is a return: { $status } { $meaning } was heard { $time }; the invoice stays until it is adjusted.
explain-lead-bin = The document is in the recycle bin: voided by { $person } { $time }.
explain-lead-operator = The document follows the decision of { $person } of { $time }, not the channel.
explain-lead-unknown = Status { $status } is not in this flow, so nothing was changed.

explain-document-nothing = No status was heard that this flow knows.
explain-document-none = No status that makes a document was heard; the last is { $status }.
explain-document-none-cancelled = Cancelled by { $status } { $time } before there was a document.
explain-document-waits-lines = { $status } { $time } asks for a document, but the goods are not known yet.
explain-document-ensured = { $status } { $meaning } was heard { $time } ({ $mode }, { $source }).
explain-document-mode-held = { $status } { $meaning } was heard ({ $mode }), but this flow acts on { $other }.
explain-document-operator = Decided by { $person } { $time }.
explain-document-change-next = { $status } { $meaning } will make it: { $document }.
explain-document-change-download = Download the status and { $status } will act.
explain-document-change-lines = The goods, told by the channel.
explain-document-change-void = You can void it under Acts.
explain-document-change-release = Follow the channel again, under Acts.

explain-delivery-never-heard = { $status } { $meaning } was never heard.
explain-delivery-ensured = { $status } { $meaning } was heard { $time } ({ $mode }, { $source }).
explain-delivery-partly = { $n } of { $total } units are sent by { $status } { $time }.
explain-delivery-mode-held = { $status } { $meaning } was heard ({ $mode }), but this flow sends on { $other }.
explain-delivery-no-document = There is no document that could be sent.
explain-delivery-no-rule = This flow never sends by itself.
explain-delivery-operator = Decided by { $person } { $time }.
explain-delivery-change-next = { $status } { $meaning } will mark it sent.
explain-delivery-change-download = Download the status and { $status } will act.
explain-delivery-change-person = Only a person can take it back.
explain-delivery-change-release = Follow the channel again, under Acts.

explain-payment-never-heard = { $status } { $meaning } was never heard.
explain-payment-ensured = { $status } { $meaning } was heard { $time } ({ $mode }, { $source }).
explain-payment-partly = { $n } of { $total } units are paid by { $status } { $time }.
explain-payment-mode-held = { $status } { $meaning } was heard ({ $mode }), but this flow pays on { $other }.
explain-payment-no-document = There is no document that could be paid.
explain-payment-no-rule = This flow never pays by itself.
explain-payment-operator = Decided by { $person } { $time }.
explain-payment-change-next = { $status } { $meaning } will mark it paid.
explain-payment-change-download = Download the status and { $status } will act.
explain-payment-change-person = Only a person can take it back.
explain-payment-change-release = Follow the channel again, under Acts.

explain-cancelled-never = No cancellation was heard.
explain-cancelled-some = { $n } of { $total } units are cancelled.
explain-cancelled-by-channel = { $status } { $meaning } was heard { $time }, by: { $actor }.
explain-cancelled-after-sent = { $status } was heard { $time }, after sending { $sent }: the document stays.
explain-cancelled-manual = { $status } { $meaning } was heard { $time }; this flow asks a person to decide.
explain-cancelled-mode-held = { $status } { $meaning } was heard ({ $mode }), but this flow voids on { $other }.
explain-cancelled-revived = Cancelled { $before }, brought back by { $status } { $time }.
explain-cancelled-operator = Voided by { $person } { $time }.
explain-cancelled-restored = Restored by { $person } { $time }, although the channel cancelled it.
explain-cancelled-change-download = { $status } downloaded would release it.
explain-cancelled-change-late-sent = Late word that the goods were sent will restore it.
explain-cancelled-change-restore = You can restore it under Acts.
explain-cancelled-change-revived = A newer live status of the channel will restore it.
explain-cancelled-change-release = Follow the channel again, under Acts.

explain-tab-status = { $status } { $meaning } is the newest status, { $time }.
explain-tab-kept = { $status } names no tab, so it stays as before.
explain-tab-units = The units differ; the least advanced decides.
explain-tab-return = Return { $status } was heard { $time }.
explain-tab-none = No status that names a tab was heard.
explain-tab-change-next = { $status } { $meaning } will move it to { $tab }.

explain-stock-nothing = No stock is held.
explain-stock-reserved = { $n } units are reserved by the sales order.
explain-stock-allocated = { $n } units are allocated until sent or voided.
explain-stock-sold = { $n } units are out of stock.
explain-stock-partly = { $n } units are out of stock, { $allocated } units are still allocated.
explain-stock-short = { $n } units are allocated, { $short } units are short.
explain-stock-released = { $n } units were released { $time }.
explain-stock-unmapped = { $n } units are of goods that are not mapped.
explain-stock-change-receipt = A receipt fills what is short, earliest ship-by first.
explain-stock-change-map = Map the goods to a SKU.

## Recycle bin
bin-about = Documents that were voided, their stock released. They keep their number, and can be restored.
bin-empty = The recycle bin is empty
col-binned = Entered
col-why = Why
col-erased = Buyer erased
bin-why-channel = { $actor } cancelled: { $status }.
bin-why-by = Cancelled: { $status }.
bin-why-person = Voided by { $person }.
bin-means = What the bin does, and what restoring means
bin-means-enter = A document comes here when its order is cancelled before the goods were sent, or when somebody voids it. What it held of stock is free at once.
bin-means-restore = Restoring is an act of yours and is written down. The document holds again under its old number; its units are held again as far as they are there, and what is gone meanwhile is short.
bin-means-channel = The channel is told nothing. Your decision outranks it until you choose to follow the channel again, on the order's page.
bin-means-sent = If the channel says later that the goods were sent after all, the document leaves the bin by itself.
bin-means-kept = Documents stay here: number, goods and money are never purged. The buyer's name and address are, 90 days after the order ended; a document can still be restored then.

## Stock
stock-about = On hand, less what invoices allocated and sales orders reserved, is what is available.
stock-search = Find a SKU by code or name
stock-empty = No stock yet
stock-empty-what = SKUs appear here with what each warehouse has of them, once opening stock was brought in from a file.
stock-not-found = No SKU matches “{ $query }”
stock-none-so = No SKU is like that
stock-never = No warehouse has had any of it yet.
stock-short = Short of stock
stock-low = Available: { $value } at most
stock-low-offer = Available: 5 at most
stock-unmapped = Listings that are not mapped
stock-unmapped-about = Listings that are no SKU's: their orders hold no stock, and their channels are told nothing. Name the SKU that each of them sells.
stock-unmapped-none = Every listing is mapped
stock-levels = Stock by warehouse
stock-sum = Together
stock-aside = What you can do, and what happened
stock-why = Why
stock-note = Note (may be left empty)
stock-act-receipt = Receive
stock-act-receipt-about = So many units came in. Orders that are short get theirs first, the soonest deadline before the others.
stock-act-adjustment = Adjust
stock-act-adjustment-about = So many units more, or fewer with a minus before: broken, lost, found. Say why.
stock-act-count = Count
stock-act-count-about = So many units lie there, whatever was on record. You see what would change before it is written.
stock-wrong-units = Write a whole number of units.
stock-wrong-receipt = A receipt brings at least one unit.
stock-wrong-adjustment = Write by how many units it changes; 0 changes nothing.
stock-wrong-count = Fewer than none cannot lie on a shelf.
stock-wrong-note = Say why: an adjustment keeps its reason in the ledger.
stock-wrong-warehouse = Choose a warehouse.
stock-wrong-fewer = Nothing was changed: { $n } units are on hand, and fewer than none cannot be left.
stock-wrong-changed = Nothing was changed: by now { $n } units are on hand. Count again.
stock-wrong-other = Nothing was changed: this form was sent before with other values. Look at the ledger, then begin again.
stock-wrong-sku = Nothing was changed: there is no SKU with the code “{ $sku }”.
stock-wrong-file = That file could not be read. Choose a CSV file in UTF-8 of at most 1 MB and 5,000 rows.
stock-wrong-bundle = A bundle has no stock of its own; change what is in it.
notice-stock = { $act }: { $before } → { $after } units on hand.
notice-mapped = Mapped to { $sku }. Orders that waited for it get their stock.
count-preview = Count in { $warehouse }: this would change
count-same = That is what is on record; nothing would move.
count-lost = { $n ->
    [one] Orders hold more than that: 1 unit would be taken from the latest ship-by, and be short.
   *[other] Orders hold more than that: { $n } units would be taken from the latest ship-by, and be short.
  }
count-filled = { $n ->
    [one] 1 unit would go to an order that is short.
   *[other] { $n } units would go to orders that are short.
  }
count-look = See what would change
count-write = Write the count
count-leave = Cancel
col-listing = Listing
col-listings = Listings
col-channel-sku = Code at the channel
col-channel-shows = Channel shows
col-channel-showed = Channel showed
col-is-sku = Is the SKU
col-to-show = To show now
col-last-told = Last told
col-cause = Cause
col-left = On hand after
col-line = Line
left-available = { $n } available
listing-inactive = not for sale
listing-no-code = no code
listing-map = Map
listing-map-label = SKU of { $name }
listings-about = Where it is sold, and what each channel was last told
listings-none = No listing sells it.
push-outcome-taken = Accepted
push-outcome-refused = Refused
push-outcome-unknown = No answer
push-never = Not told yet
push-off = Not told: switched off
bundle-about = A bundle: its stock is that of what is in it.
bundle-made-of = One bundle takes
bundle-part-of = In bundles
ledger = Ledger
ledger-about = Every movement with its cause, newest first
ledger-empty = Nothing has moved yet.
cause-elsewhere = An order of a shop that you do not see
incidents = Incidents
incident-oversold = Oversold
incident-oversold-about = Sold more often than there is; it is over once nobody is short.
incident-out_of_stock = Cancelled for want of it
incident-out_of_stock-about = A channel cancelled an order because it was not there; count or receive it.
opening = Opening stock
opening-about = A CSV file with what lies on the shelves when the hub begins to count. You see what would come of every row before anything is written; SKUs that are not there are made.
opening-file = File
opening-choose = CSV file, at most 1 MB and 5,000 rows
opening-look = Look at the file
opening-example = The first line names the columns:
opening-warehouses = Warehouses: { $names }
opening-not-yet = Nothing is written yet.
opening-bad-what = Rows with errors are left out; mend them and bring them later.
opening-good = Rows to be written
opening-made = New SKUs
opening-bad = Rows with errors
opening-write = { $n ->
    [one] Write 1 row
   *[other] Write { $n } rows
  }
opening-another = Another file
opening-taken = { $n ->
    [one] 1 row was written.
   *[other] { $n } rows were written.
  }
opening-refused = { $n ->
    [one] 1 row was left out; why stands first in the list.
   *[other] { $n } rows were left out; why stands first in the list.
  }
opening-rows = Rows of the file
opening-known = SKU is there
opening-new = new SKU
row-column = The first line has no column “{ $column }”; it must name sku, name, warehouse, quantity.
row-unreadable = The line is not CSV.
row-empty = The column “{ $column }” is empty.
row-units = “{ $found }” is not a number of units; write digits only, such as 12.
row-warehouse = There is no warehouse “{ $name }”; there are: { $there }.
row-bundle = { $sku } is a bundle: it has no stock of its own.
row-twice = { $sku } in { $warehouse } stands in the file twice.
row-opened = { $sku } in { $warehouse } was opened before; write a count instead.
row-sku = There is no SKU { $sku }.
paging-first = First page
paging-next = Next page

## Transmit log
log-about = Every exchange with a channel, in and out, newest first.
log-answer = The channel's answer
log-empty = No exchanges yet
log-empty-what = Webhooks, pulls and the channels' answers appear here.
log-not-found = No exchange matches
col-what = What
col-direction = Direction
col-outcome = Outcome
col-attempt = Attempt
col-duration = Duration
direction-in = In
direction-out = Out
outcome-accepted = Accepted
outcome-repeated = Repeated
outcome-auth_expired = Permission expired
outcome-rate_limited = Channel asks to wait
outcome-temporary = Temporary failure
outcome-unknown = No answer
outcome-rejected = Rejected
outcome-not_found = Not found
outcome-malformed = Unreadable
outcome-unsigned = Signature does not match
outcome-unsupported = Not supported

## Errors
error-do = What you can do:
error-code = Code
error-reference = Request number
error-back = To the orders
error-400-title = The request could not be read
error-400-what = A field or the address has the wrong form; nothing was changed.
error-400-do = Go back to the page before and try again.
error-401-title = Log in first
error-401-what = This page is only for people who are logged in.
error-401-do = Log in and you will come back here.
error-403-title = Not allowed
error-403-what = Your account may not do this, or the form came from another page; nothing was changed.
error-403-do = Reload the page you came from, or ask the owner for permission.
error-404-title = Page not found
error-404-what = There is no order or page at this address, or it does not belong to your business.
error-404-do = Check the address, or look for the order's number in the list.
error-405-title = Wrong way of asking
error-405-what = This address exists, but does not answer this kind of request.
error-405-do = Open it from its link or button.
error-413-title = Too large
error-413-what = What was sent exceeds the limit and was not read; nothing was changed.
error-413-do = Send it in smaller parts.
error-429-title = Too many requests
error-429-what = Requests come faster than they can be served.
error-429-do = Wait a moment, then try again.
error-500-title = Something went wrong on our side
error-500-what = This request failed because of a fault in Dermaga. What was stored is safe.
error-500-do = Try again; if it happens again, send the code and number below to whoever runs this installation.
error-503-title = Busy
error-503-what = The storage cannot take this request right now. Nothing is lost.
error-503-do = Try again in a few seconds.
error-other-title = The request cannot be served
error-other-what = This request was refused; nothing was changed.
error-other-do = Go to the orders and try again.

## Commands to channels
command-accept = Accept
command-accept-about = The channel is told that you take the order.
command-partial = Accept fewer
command-partial-about = The buyer is asked to take fewer units; what they answer comes later.
command-reject = Reject
command-reject-about = The channel is told that you refuse the order. The buyer gets their money back; this cannot be undone.
command-cancel = Cancel the order
command-cancel-about = The channel is told that you cancel an order that you had accepted; this cannot be undone.
command-agree_cancel = Agree to cancel
command-agree_cancel-about = The buyer's wish to cancel is granted; this cannot be undone.
command-refuse_cancel = Refuse to cancel
command-refuse_cancel-about = The buyer's wish to cancel is refused; the order goes on.
command-pickup = Request pickup
command-pickup-about = The courier is asked to come.
command-ship = Report shipped
command-ship-about = The channel is told that the parcel left, with its tracking number.
command-label = Label
command-label-about = The shipping label is fetched, to be printed.
command-state-waiting = Waiting
command-state-sending = Being sent
command-state-unknown = Checking with the channel
command-state-done = Done
command-state-refused = Refused
command-state-needs_person = Needs a person
command = Command
commands = Commands
commands-ask = Ask { $channel }
command-reason = Reason
command-by = Given by
command-by-machine = Command line
command-by-key = Key { $name }
command-again = Try again
command-print = Print label
quantity-of = of { $n }
field-reason_text = Words to the buyer
field-empty_lines = Goods that are out of stock
field-closed_until = Closed until
field-close_note = Note about the closing
field-awb = Tracking number (AWB)
field-quantities = Units that you can deliver
refusal-not_offered = The channel does not take this command.
refusal-status = The order's status { $status } does not allow it.
refusal-no_cancel_request = The buyer has not asked to cancel.
refusal-reason = A reason is needed.
refusal-missing = “{ $field }” is needed.
refusal-too_long = “{ $field }” is longer than { $max } characters.
refusal-day = “{ $field }” is not a date.
refusal-line = A line or quantity is not of this order.
notice-command = { $command }: given. What comes of it stands under Commands.
notice-command-under_way = { $command } is under way already; nothing was added.
notice-command-refused = { $command } was not given; why stands under Commands.
notice-bulk-none = Nothing was given: choose orders first.
notice-bulk-incomplete = Nothing was given: { $command } needs a reason and what belongs to it.
notice-batch-retried = Those that failed were given again.
notice-batch-nothing = Nothing here may be tried again by itself: look at the orders one by one.
batch = Commands given together
batch-orders = { $n ->
    [one] { $n } order
   *[other] { $n } orders
  }
batch-caption = Commands given together, failures first
batch-progress = { $n } of { $total } have ended
batch-retry = Retry the failed only
batch-reload = Look again
batch-under-way = { $n ->
    [one] For 1 order the same was under way already; nothing was added.
   *[other] For { $n } orders the same was under way already; nothing was added.
  }
batch-missing = { $n ->
    [one] 1 order is not there any more.
   *[other] { $n } orders are not there any more.
  }
bulk-page = Choose every order of this page
bulk-pick = Choose order { $number }
bulk-picked = # chosen
bulk-chosen = Chosen orders
bulk-every = All { $n } in this list (at most 5,000)
bulk-every-found = All that were found (at most 5,000)
bulk-none = Choose none

## Downloads
nav-downloads = Downloads
download-about = Reads orders because you ask for them. What would change is shown first; nothing is applied before you agree. On some channels only this marks an invoice paid.
download-not-begun = The download was not begun
error-download-too-old = This channel lists orders of the last { $days } days only; the earliest is { $at }. Single older orders can be named by number.
error-download-range = The range ends before it begins, or lies in the future.
error-download-time = Write when the range begins.
error-download-numbers = Name at least one order, at most 20,000, one a line.
error-download-off = This shop takes no orders now: it is paused, or its order sync is off.
error-download-shop = Choose a shop.
shops-none = No shop is connected yet
shop-connect = Connect a shop
download-by-time = By time
download-by-number = By order number
download-from = Orders from
download-to = Orders to
download-to-about = Leave it empty for now. Times are of the shop's zone.
download-numbers = Order numbers
download-numbers-about = The channel's own numbers, one a line or with commas.
download-look = See what would change
download-none = Nothing was downloaded yet.
download-caption = Downloads, newest first
download-wanted = Asked for
col-state = State
download-failed-n = { $n ->
    [one] { $n } failed
   *[other] { $n } failed
  }
download-what-range = { $from } – { $to }
download-what-numbers = { $n ->
    [one] { $n } order by number
   *[other] { $n } orders by number
  }
download-state-reading = Being read
download-state-ready = Waits for you
download-state-applying = Being applied
download-state-done = Done
download-state-dropped = Dropped
download-outcome-failed = Failed
download-outcome-not_found = Not found
download-outcome-changed = Changed
download-outcome-new = New
download-outcome-same = The same
download-drop = Drop it
download-trouble = The channel does not go along for now:
download-again-at = goes on
download-listing = { $n ->
    [one] The list is being read: { $n } order so far
   *[other] The list is being read: { $n } orders so far
  }
download-reading = { $n } of { $total } orders are read
download-applying = { $n } of { $total } orders are applied
download-leave = You may leave this page; it goes on, also after a restart.
download-would = If you agree, { $changed } orders change and { $fresh } are new.
download-would-nothing = Nothing would change.
download-not-yet = Nothing has been applied yet; what is applied is exactly what you see here.
download-agree = Apply it
download-results = Orders of this download
download-no-orders = No orders here.
download-changed = What changed
download-would-change = What would change
download-unread = Not read yet
change-bin-in = To the recycle bin
change-bin-out = Out of the recycle bin
change-status = Status only
change-content = Goods, money or address
notice-download-begun = The orders are being read; what would change is shown when they are.
notice-download-agree = Agreed: what was read is being applied.
notice-download-drop = Dropped: no more of it is applied.
notice-download-retry = Those that failed are read again.
notice-download-stale = The download has moved on meanwhile; this is how it stands now.

## Shops
shops-none-what = Connect a shop: its orders, its stock and how it fares appear here.
shop-disconnected = Disconnected
shop-disconnected-what = Nothing of it is asked or heard any more; its documents stay. Connect it again to go on.
shop-paused = Paused
shop-pause = Pause
shop-resume = Go on
shop-since = Connected since
shop-test = Test
shop-connect-again = Connect again
shop-orders-on = Orders on
shop-orders-off = Orders off
shop-push-on = Stock on
shop-push-off = Stock off
shop-tab-health = Health
shop-tab-settings = Settings
shop-tab-stock = Stock to the channel
shop-heard = Messages heard, last 24 hours
shop-heard-per = per quarter of an hour
shop-heard-sum = { $n ->
    [one] { $n } message, at most { $most } in a quarter of an hour
   *[other] { $n } messages, at most { $most } in a quarter of an hour
  }
shop-heard-none = No webhook came in the last 24 hours.
shop-moves = What moves
shop-from-channel = from { $channel } to Dermaga
shop-to-channel = from Dermaga to { $channel }
switch-on = Switch on
switch-off = Switch off
save = Save
optional = optional
shop-id = Shop id
shop-name = Name
shop-warehouse = Warehouse
shop-warehouse-help = Orders take their stock from here; a new name makes a new warehouse.
shop-their-warehouse = The channel's id of the warehouse
shop-zone = Time zone
shop-orders-from = Orders from
shop-from-connected = when it was connected
shop-from-help = Empty: from when it is connected.
shop-history = { $n ->
    [one] The channel lists orders of the last day only.
   *[other] The channel lists orders of the last { $n } days only; an older date is refused. Empty: from when it is connected.
  }
shop-returns-from = Returns from
shop-returns-help = Empty: returns are not pulled.
shop-by-invoice = Show and search the channel's invoice number first
shop-listings = Listings
shop-mapped = { $n } mapped
shop-unmapped = { $n } not mapped
shop-push-log = Values that were sent
shop-settings = What is set here
shop-credentials = Credentials
shop-shared = { $n ->
    [one] also of { $n } other shop
   *[other] also of { $n } other shops
  }
credential-kept = Something is kept; leave it empty to keep it.
shop-authorise = Try and keep
shop-disconnect = Disconnect
shop-disconnect-what = Nothing of the shop is asked or heard any more. Its credentials are overwritten once no other shop needs them. Orders, documents and stock stay.
shop-disconnect-type = Type “{ $name }” to disconnect it
shop-not-kept = Nothing was changed
shop-not-connected = The shop is not connected yet
error-shop-name = A name is needed.
error-shop-warehouse = A warehouse is needed.
error-shop-zone = There is no such time zone.
error-shop-confirm = Type the shop's name as it is written.
error-shop-id = The shop's id is needed.
error-shop-taken = This shop is connected already.
error-shop-field = The channel needs: { $field }.
error-shop-refused = The channel refuses: { $why }.
error-shop-channel = There is no such channel here.
connect-choose = Choose the channel of the shop.
connect-before = Before you begin
connect-through = Reached with
connect-new = New credentials
connect-flow = Status flow
connect-flow-help = Compare both
connect-next = The credentials are tried at once. Then you see what a first sync brings; nothing is taken before you begin it, and the channel is told nothing.
connect-try = Try and connect
first-brings = What a first sync brings
first-sync = First sync
first-matched = listings with a SKU
first-unmatched = listings without a SKU
first-orders = orders since { $from }
first-unmatched-what = Goods without a SKU hold no stock; map them, or make SKUs of their codes.
first-not-yet = Nothing has been taken yet. Webhooks that come meanwhile wait.
first-start = Begin to take orders
first-later = Later: to the shop
first-trouble = The channel does not answer as it should:
push-stop = Stop telling
push-start = Begin to tell the channel
push-is-on = The channel is told what is left.
push-would = { $n } of { $total } listings would change.
push-differs = As it was last read, { $n } of { $total } listings show something else.
push-differing = Listings that would change
push-shown = { $n } of { $total } shown
push-shows = Shows
push-wanted = Will show
push-sent = Sent
push-log-none = Nothing was sent yet.
light-bad = Bad
light-look = Look
light-fine = Fine
light-off = Off
vital-token = Permission
vital-webhook = Last webhook
vital-pull = Last order pull
vital-backlog = Backlog
vital-errors = Errors, 24 h
vital-stock = Stock to the channel
vital-left = { $span } left
vital-renews = Renews itself
vital-none-yet = None yet
vital-refused = The channel refuses
vital-refused-note = Look at the credentials, or at the channel.
vital-ended = Ended
vital-ago = { $ago }
vital-never = Never heard
vital-never-note = Webhooks are not registered, or none has come. Orders are pulled meanwhile.
vital-silent = Silent for { $span }
vital-silent-note = Normally one every { $usual }. The order pull brings what is missed; look whether the channel still sends webhooks.
vital-usual = Normally one every { $usual }
vital-pull-note = Next { $next }
vital-pull-failed = It did not go well: { $outcome }. It is tried again { $next }.
vital-pull-late = It has not run for long; look whether the hub is running.
vital-pull-off = Order sync is off: what comes is kept and not applied.
vital-waiting = { $n ->
    [one] { $n } waiting
   *[other] { $n } waiting
  }
vital-waiting-note = { $messages } messages, { $fetches } orders to read, { $pushes } listings to tell
vital-oldest-note = The oldest waits for { $span }; look at the transmit log.
vital-rate = { $rate } %
vital-rate-note = { $failed } of { $asked } requests
vital-rate-none = No request was made
vital-told = Told
vital-not-told = Not told
notice-shop-tested = The channel answers: the credentials hold, and the shop is linked.
notice-shop-failed = The channel does not answer as it should: { $why }
notice-shop-paused = It stands still.
notice-shop-resumed = It goes on.
notice-shop-kept = Kept.
notice-shop-orders-on = Orders are taken from now on.
notice-shop-orders-off = Orders are not taken any more; what comes is kept.
notice-shop-credentials = The channel accepts the new credentials; they are kept.
notice-shop-disconnected = Disconnected. Its documents stay.
notice-shop-refused = That cannot be done as things stand.
notice-push-on = The channel is told from now on.
notice-push-off = The channel is not told any more.
notice-push-not-seen = Something changed since this was shown; look again before you begin.

## Scheduler
nav-tasks = Scheduler
tasks-about = What runs by itself for each shop. Nothing is missed by a task that ran late: each goes on at its cursor.
tasks-none = No tasks yet
task-name = Task
task-last = Last run
task-next = Next run
task-cursor = Seen up to
task-runs = Runs
task-counts = { $well } well, { $not } not
task-interval = Every
task-minutes = min
task-never = never
task-run = Run now
task-order_pull = Order pull
task-order_pull-about = Lists what is new since its cursor.
task-status_update = Status update
task-status_update-about = Reads every order again that is not finished, the older the more rarely.
task-return_pull = Return pull
task-return_pull-about = Lists returns and complaints since its cursor.
task-sku_pull = SKU pull
task-sku_pull-about = Lists what the shop offers.
task-webhook_watch = Webhook watch
task-webhook_watch-about = Looks whether the channel still sends webhooks here.
notice-task-run = { $task }: runs now.
notice-task-pause = { $task }: rests.
notice-task-resume = { $task }: goes on.
notice-task-every = { $task }: interval kept.
notice-task-refused = A task runs every minute at the most, and once in 7 days at the least.

## Changing a flow
means-nothing = Documents stay as they are; only tab and attention follow.
means-sales_order = A sales order is written and its units are reserved; there is no invoice yet.
means-invoice = There is an invoice, unpaid and unsent, and its units are allocated.
means-partly_sent = Some of the invoice's goods are out; those units leave the stock.
means-sent = The goods are with the courier: the invoice is sent and its units leave the stock.
means-paid = The money counts as received: the invoice is paid. What was missed before is made up for.
means-void = Unsent, the document goes to the recycle bin and its units are free; once sent, the invoice stays and asks for a look.
means-manual_void = The document stays and holds its units until a person voids it.
means-return = The invoice stays as it is; a person adjusts it when goods and money are clear.
means-download-only = Only a download does this; heard by itself, nothing changes.
means-realtime-only = Only what is heard by itself does this; a download changes nothing.
means-never = Neither mode does it: the row only moves the tab.
flow-tabs = What each tab means
flow-versions = Versions
flow-edit = Edit the flow
flow-edit-about = Each row says what must hold once its status was heard. Open the rows that you want to change; then see what that would change of your own orders.
flow-wrong = The table does not hold together:
flow-remove = Remove this rule
flow-add = Add a rule
flow-add-about = For a status that the channel sends and this flow does not know.
flow-modes = Releases its effect when heard by
flow-try = See what would change
flow-not-yet = Nothing is kept yet.
flow-try-preset = Try { $preset }
flow-restore = Restore
flow-tried = What would change
flow-try-edited = the edited rules
flow-try-version = version { $version }
flow-differ = Orders that would end elsewhere
flow-looked = Orders looked at, of the last { $n } days
flow-unknown = Wait for a flow that knows their status
flow-same = That is the flow in use.
flow-changed-rules = Rules that differ from those in use: { $statuses }.
flow-cut = There are more orders in these days; the newest were looked at, and only those that are listed or counted here can be judged again.
flow-keep-new = Keep for new orders
flow-keep-open = { $n ->
    [one] Keep, and judge 1 order again
   *[other] Keep, and judge { $n } orders again
  }
flow-before = Now
flow-after = Then
flow-more = and { $n } more
flow-kept = Kept: new orders follow version { $version }. { $n } orders were judged again.
flow-wrong-changed = Nothing was kept: somebody changed this flow since you looked. Look again, then repeat it.
attention-none = none
col-means = What it means for the documents
col-statuses = Statuses
col-version = Version
col-made = Made
col-by = By
col-preset = Table
push-not-yet = The channel has been told nothing. If the stock changes before you begin, you are shown this again.
