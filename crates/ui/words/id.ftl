# Kata-kata Dermaga dalam bahasa Indonesia. Satu nama untuk satu hal.

## Kerangka
skip = Langsung ke isi
nav = Navigasi utama
nav-orders = Pesanan
nav-bin = Tempat sampah
nav-stock = Stok
nav-flows = Alur status
nav-log = Log kirim
nav-shops = Toko
search = Cari
search-label = Cari pesanan, faktur, resi, SKU
account = Akun { $name }
logout = Keluar
language = Bahasa

## Masuk
login-title = Masuk
login-account = Akun
login-password = Kata sandi
login-go = Masuk
login-refused = Belum bisa masuk
login-error-wrong = Akun dan kata sandi itu tidak cocok. Periksa huruf besar dan coba lagi.
login-error-locked = Terlalu banyak percobaan. Coba lagi dalam { $minutes } menit.
login-error-expired = Sesi Anda sudah berakhir. Masuk lagi, Anda akan kembali ke halaman tadi.

## Tab
tab-all = Semua
tab-all-about = Semua pesanan dari semua kanal, di tab mana pun.
tab-unpaid = Belum Dibayar
tab-unpaid-about = Pembeli belum membayar kanal: belum ada dokumen, atau pesanan penjualan yang hanya memesan stok.
tab-new_order = Pesanan Baru
tab-new_order-about = Menunggu diterima: pesanan penjualan, stok dipesan.
tab-ready_to_ship = Siap Dikirim
tab-ready_to_ship-about = Faktur belum dibayar dan belum dikirim, stok dialokasikan.
tab-in_delivery = Dalam Pengiriman
tab-in_delivery-about = Faktur belum dibayar tetapi sudah dikirim, stok sudah keluar.
tab-completed = Selesai
tab-completed-about = Faktur sudah dikirim dan sudah dibayar.
tab-cancelled = Dibatalkan
tab-cancelled-about = Dokumen di tempat sampah dan stok dilepas, kecuali barang sudah dikirim.
tab-complained = Dikomplain
tab-complained-about = Ada komplain atau retur: faktur tetap, seseorang perlu memeriksa barang dan uangnya.
tab-failed_delivery = Gagal Kirim
tab-failed_delivery-about = Paket tidak sampai: faktur tetap dikirim sampai barang kembali diterima.
tab-action_needed = Perlu Tindakan
tab-action_needed-about = Pesanan dari tab mana pun yang menunggu keputusan orang.
tab-none = Tanpa tab
tabs-label = Tahap pesanan

## Dokumen dan sumbunya
document-none = Belum ada dokumen
document-sales_order = Pesanan penjualan
document-invoice = Faktur
delivery-unsent = Belum dikirim
delivery-partly_sent = Sebagian dikirim
delivery-sent = Dikirim
payment-unpaid = Belum dibayar
payment-paid = Sudah dibayar
bin-mark = Tempat sampah

## Perhatian
attention-manual_void = Perlu dibatalkan manual
attention-return_edit = Retur perlu dicatat
attention-cancelled_after_sent = Batal setelah dikirim
attention-short = Stok kurang
attention-unmapped = Barang belum dipetakan
attention-unknown_status = Status tidak dikenal
attention-awb_invalid = Resi tidak sah
attention-awb_missing = Resi belum ada
attention-parcel_returning = Paket kembali
attention-on_hold = Ditahan kanal
attention-cancel_request = Pembeli minta batal
attention-lines_changed = Barang berubah
attention-differs_from_channel = Beda dengan kanal
attention-status_went_back = Status mundur
attention-arrange_again = Atur pengiriman lagi
attention-parcel_lost = Paket hilang
attention-count = Stok perlu dihitung
attention-edited_changed = Faktur suntingan berubah
attention-gap = Ada jeda tarikan

## Daftar pesanan
orders-caption = Pesanan: { $tab }
col-channel = Kanal
col-shop = Toko
col-channel-shop = Kanal, toko
col-order-document = Pesanan, dokumen
col-buyer = Pembeli
col-goods = Barang
col-total = Total
col-carrier-awb = Kurir, resi
col-due = Batas kirim
col-status-tab = Status, tab
col-payment-delivery = Bayar, kirim
copy-number = Salin { $number }
copied = Disalin
awb-none = Belum ada resi
status-none = Belum ada status
holding-unmapped = belum dipetakan
short-by = kurang { $n }
lines-more = +{ $n }
filter = Saringan
filter-any-channel = Semua kanal
filter-any-shop = Semua toko
filter-search = Nomor pesanan, faktur, resi, atau SKU
filter-apply = Terapkan
filter-clear = Hapus semua saringan
filter-channel = Kanal: { $value }
filter-shop = Toko: { $value }
filter-query = Cari: { $value }
filter-remove = Hapus saringan { $value }
paging = Halaman
paging-newer = Lebih baru
paging-older = Lebih lama
wait-one = 1 pesanan baru menunggu.
wait-many = # pesanan baru menunggu.
wait-show = Tampilkan
empty-tab = Tidak ada pesanan di tab ini
empty-filter = Tidak ada pesanan yang cocok
first-title = Belum ada pesanan
first-what = Pesanan dari semua toko akan muncul di sini begitu kanal mengabarkannya, lengkap dengan dokumen dan stoknya.
first-step-shop = Sambungkan toko dan nyalakan sinkron pesanan.
first-step-stock = Masukkan stok awal dari berkas CSV.
first-step-download = Unduh pesanan yang sudah ada di kanal.
first-wait = Halaman ini memperbarui dirinya sendiri saat pesanan pertama tiba.
first-flows = Lihat alur status

## Waktu
day-today = Hari ini
day-yesterday = Kemarin
day-tomorrow = Besok
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = Mei
month-6 = Jun
month-7 = Jul
month-8 = Agu
month-9 = Sep
month-10 = Okt
month-11 = Nov
month-12 = Des
due-late = Lewat { $span }
span-minutes = { $n } menit
span-hours = { $n } jam
span-days = { $n } hari
span-mixed = { $h } j { $m } m
ago-now = baru saja
ago-minutes = { $n } menit lalu
ago-hours = { $n } jam lalu
ago-days = { $n } hari lalu
seconds = { $s } dtk
