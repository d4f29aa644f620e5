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
