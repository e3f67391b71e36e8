#!/bin/sh
# Loads every kernel module a test may want; one that this kernel lacks is passed over.
modprobe -aq ip_vs ip_vs_rr ip_vs_wrr ip_vs_lc ip_vs_wlc ip_vs_fo ip_vs_ovf ip_vs_lblc ip_vs_lblcr ip_vs_dh ip_vs_sh \
  ip_vs_mh ip_vs_sed ip_vs_nq ip_vs_twos ip_vs_ftp ip_vs_pe_sip nf_conntrack nf_tables nft_ct nft_nat nft_masq nft_log \
  nft_limit nft_reject_inet nft_chain_nat nft_compat nfnetlink_log xt_mark xt_MARK xt_ipvs xt_conntrack veth bridge dummy \
  macvlan ipip ip6_tunnel sit ip_gre ip6_gre fou fou6 sch_netem sch_tbf cls_u32 af_packet
: >/run/modules-loaded
