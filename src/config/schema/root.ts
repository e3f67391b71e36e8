/** Keywords outside all blocks. */
import { anything, flag, nothing, text } from '../types/basic.js';
import { ssl } from './checkers.js';
import { IGNORED, keyword, refused, section } from './define.js';
import { globalDefs } from './global.js';
import { virtualServerBlock, virtualServerGroupBlock } from './virtual-server.js';
import { vrrpBlocks } from './vrrp.js';

export const root = {
  global_defs: section(nothing, globalDefs, 'Settings for all.', { repeat: 'each' }),
  virtual_server_group: virtualServerGroupBlock,
  virtual_server: virtualServerBlock,
  SSL: section(nothing, ssl, 'What SSL_GET presents and trusts.'),
  ...vrrpBlocks,
  net_namespace: keyword(text('NAME'), 'Run in a network namespace.', {
    support: refused('start it by ip netns exec NAME'),
  }),
  net_namespace_ipvs: keyword(anything, 'Network namespace of IPVS.', {
    support: refused('the IPVS table of another namespace would be written'),
  }),
  namespace_with_ipsets: keyword(flag, 'Allow ipsets in namespaces.', { support: IGNORED }),
  use_pid_dir: keyword(flag, 'Put pid files in a directory.', { support: IGNORED }),
  instance: keyword(anything, 'Name of this daemon among several.', { support: IGNORED }),
  child_wait_time: keyword(anything, 'Seconds to wait for children at stop.', {
    default: '5',
    support: IGNORED,
  }),
  linkbeat_use_polling: keyword(flag, 'Poll links.', { support: IGNORED }),
};
