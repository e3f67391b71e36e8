/** Keywords of global_defs. */
import { endpoint } from '../types/address.js';
import { anything, bool, flag, text } from '../types/basic.js';
import { flushOnStop, lvsTimeouts } from '../types/lvs.js';
import { mailAddress, mailServer, recipient } from '../types/mail.js';
import { owner, script } from '../types/script.js';
import { fifo } from '../types/vrrp.js';
import { IGNORED, ignored, keyword, list, on, onOff, time } from './define.js';
import { vrrpGlobals } from './vrrp-global.js';

const general = {
  router_id: keyword(text(), 'Name of this director in mails and status.', { default: 'the host name' }),
  script_user: keyword(owner, 'User and group scripts run as.', {
    default: 'keepalived_script if it exists, else the daemon',
  }),
  checker_log_all_failures: keyword(bool, 'Log each failed check, not only the changes.', { default: 'off' }),
  rs_init_notifies: keyword(flag, 'Run notify_up for servers that are up at start.'),
  lvs_timeouts: keyword(lvsTimeouts, 'IPVS timeouts of TCP, of TCP after FIN, and of UDP.', {
    default: "the kernel's",
  }),
  metrics_listen: keyword(
    endpoint,
    "Serve Prometheus's metrics there by HTTP (lvsd's own); port 9707 if none is given.",
  ),
  lvs_flush: keyword(flag, 'Empty the IPVS table at start.'),
  lvs_flush_on_stop: keyword(flushOnStop, 'Empty the IPVS table at stop; VS: remove services only.', {
    default: 'off',
    deprecated: ['lvs_flush_onstop'],
  }),
  include_check: keyword(
    anything,
    'What must hold of every include after it: readable, match, wildcard_match, brace_match.',
    {
      default: 'off; bare: all',
    },
  ),
};

const process = {
  process_names: ignored('Name the child processes.'),
  process_name: ignored('Name of the main process.'),
  vrrp_process_name: ignored('Name of the VRRP process.'),
  checker_process_name: keyword(anything, 'Name of the checker process.', {
    support: IGNORED,
    deprecated: ['lvs_process_name'],
  }),
  bfd_process_name: ignored('Name of the BFD process.'),
  use_symlink_paths: ignored('Do not resolve symbolic links in the paths of scripts.', 'off'),
  set_supplementary_groups: ignored("Scripts get the user's other groups too.", 'off'),
  enable_script_security: ignored('Refuse scripts that others than root can change.', 'off'),
  startup_script: ignored('Run at start.'),
  startup_script_timeout: ignored('Seconds it may run.', '10'),
  shutdown_script: ignored('Run at stop.'),
  shutdown_script_timeout: ignored('Seconds it may run.', '10'),
  max_auto_priority: ignored('Highest real-time priority to take when late.', '0'),
  min_auto_priority_delay: ignored('Microseconds of lateness that raise it.', '1000000'),
  checker_priority: ignored('Nice value of the checker process.', '0'),
  checker_no_swap: ignored('Lock its memory.'),
  checker_rt_priority: ignored('Its real-time priority.'),
  checker_cpu_affinity: ignored('CPUs it may use.', 'all'),
  checker_rlimit_rttime: keyword(anything, 'Microseconds it may run without sleeping.', {
    support: IGNORED,
    default: '10000',
    deprecated: ['checker_rlimit_rtime'],
  }),
  bfd_priority: ignored('Nice value of the BFD process.', '0'),
  bfd_no_swap: ignored('Lock its memory.'),
  bfd_rt_priority: ignored('Its real-time priority.'),
  bfd_cpu_affinity: ignored('CPUs it may use.', 'all'),
  bfd_rlimit_rttime: keyword(anything, 'Microseconds it may run without sleeping.', {
    support: IGNORED,
    default: '10000',
    deprecated: ['bfd_rlimit_rtime'],
  }),
  umask: ignored('Mode bits that files made do not get.'),
  random_seed: ignored('Start of the random numbers.'),
  reload_check_config: ignored('Check the file before a reload; lvsd always does.'),
  reload_time_file: ignored('File with the time of the next reload.'),
  reload_repeat: ignored('Reload each time that file changes.'),
  reload_file: ignored('File that exists while the configuration is being read.'),
  config_save_dir: ignored('Where configurations are kept.'),
  tmp_config_directory: ignored('Where the configuration is put while being read.'),
  data_use_instance: ignored('Names of dump files carry the instance.', 'off'),
  json_version: ignored('Form of the JSON dump.', '1'),
  iproute_usr_dir: ignored("Where iproute's name tables are."),
  iproute_etc_dir: ignored("Where iproute's own name tables are."),
  state_dump_file: ignored('File of the state dump.'),
  stats_dump_file: ignored('File of the statistics dump.'),
  json_dump_file: ignored('File of the JSON dump.'),
  process_monitor_rcv_bufs: ignored('Receive buffer of the process monitor, bytes.'),
  process_monitor_rcv_bufs_force: ignored('Set it beyond the limit.'),
  lvs_netlink_cmd_rcv_bufs: ignored("Receive buffer of the checkers' netlink commands, bytes."),
  lvs_netlink_cmd_rcv_bufs_force: ignored('Set it beyond the limit.'),
  lvs_netlink_monitor_rcv_bufs: ignored("Receive buffer of the checkers' netlink events, bytes."),
  lvs_netlink_monitor_rcv_bufs_force: ignored('Set it beyond the limit.'),
};

const notification = {
  notification_email: list(recipient, 'Who gets mail.', { unit: recipient.syntax }),
  notification_email_from: keyword(mailAddress, 'Sender of mails.', { default: 'user@host' }),
  smtp_server: keyword(mailServer, 'Mail server, with a port if not 25; without one no mail is sent.'),
  smtp_helo_name: keyword(text('NAME'), 'Name given to the mail server.', { default: 'the host name' }),
  smtp_connect_timeout: time('Time the mail server has to answer.', '30', { min: 0.001, max: 3600 }),
  smtp_alert: onOff('Default of every smtp_alert.', 'no; real_server yes'),
  smtp_alert_vrrp: onOff('Default of smtp_alert in VRRP blocks.', 'smtp_alert'),
  smtp_alert_checker: onOff('Default of smtp_alert in virtual and real servers.', 'smtp_alert'),
  no_email_faults: on('No mail for FAULT.'),
  no_checker_emails: onOff('No mail for each checker; lvsd mails once for its server.', 'on'),
  notify_fifo: keyword(fifo, 'FIFO that is told of every change.'),
  notify_fifo_script: keyword(script, 'Run with its path.'),
  lvs_notify_fifo: keyword(fifo, 'FIFO that is told of changes of servers and quorums.'),
  lvs_notify_fifo_script: keyword(script, 'Run with its path.'),
  snmp_socket: ignored('Where the SNMP agent listens.'),
  enable_traps: ignored('Send SNMP traps.'),
  enable_snmp_vrrp: keyword(anything, 'SNMP for VRRP.', {
    support: IGNORED,
    deprecated: ['enable_snmp_keepalived'],
  }),
  enable_snmp_checker: ignored('SNMP for virtual servers.'),
  enable_snmp_rfc: ignored('SNMP by the RFCs for VRRP.'),
  enable_snmp_rfcv2: ignored('SNMP by RFC 2787.'),
  enable_snmp_rfcv3: ignored('SNMP by RFC 6527.'),
  snmp_vs_stats_update_interval: ignored('Seconds SNMP keeps statistics of virtual servers.', '5'),
  snmp_rs_stats_update_interval: ignored('Seconds SNMP keeps statistics of real servers.', '0'),
  enable_dbus: ignored('Serve D-Bus.'),
  dbus_service_name: ignored('Name on D-Bus.'),
  dbus_no_interface_name: ignored('Leave the interface out of D-Bus paths.'),
};

export const globalDefs = { ...general, ...process, ...notification, ...vrrpGlobals };
