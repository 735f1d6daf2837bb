"""What the program is told, and what it says about mistakes."""
import re
import socket
import unittest

from program import Case, run


class PrintConfig(Case):
    def shown(self, *arguments, **variables):
        ended = run('--print-config', *arguments, **variables)
        self.assertEqual((ended.returncode, ended.stderr), (0, ''))
        rows = re.findall(r'^(\w+) = (.*?) +# (.*)$', ended.stdout, re.M)
        return {name: (value, source) for name, value, source in rows}

    def test_defaults(self):
        shown = self.shown()
        self.assertEqual(shown['port'], ('3000', 'default'))
        self.assertEqual({source for _, source in shown.values()}, {'default'})

    def test_flag_over_environment_over_file_over_default(self):
        file = self.file('a.toml', 'port = 1\nlanes = 1\n\nping_interval = 1000\n')
        shown = self.shown('--config', file, '--port', '3', GOSSAMER_PORT='2', GOSSAMER_LANES='2')
        self.assertEqual(shown['port'], ('3', '--port'))
        self.assertEqual(shown['lanes'], ('2', 'GOSSAMER_LANES'))
        self.assertEqual(shown['ping_interval'], ('1000', f'{file}:4'))
        self.assertEqual(shown['ping_timeout'], ('20000', 'default'))

    def test_the_file_may_be_named_by_the_environment(self):
        file = self.file('a.toml', 'port = 1\n')
        other = self.file('b.toml', 'port = 2\n')
        self.assertEqual(self.shown(GOSSAMER_CONFIG=file)['port'], ('1', f'{file}:1'))
        self.assertEqual(self.shown('--config', other, GOSSAMER_CONFIG=file)['port'], ('2', f'{other}:1'))

    def test_what_it_prints_can_be_read_again(self):
        text = run('--print-config', '--listen', '127.0.0.1:1', '--listen', '[::1]:2', '--pin-cpus').stdout
        shown = self.shown('--config', self.file('a.toml', text))
        self.assertEqual(shown['listen'][0], '["127.0.0.1:1", "[::1]:2"]')
        self.assertEqual(shown['pin_cpus'][0], 'true')

    def test_recovery_and_parser(self):
        file = self.file('a.toml', 'recovery_max_disconnection_duration = 5000\nparser = "msgpack"\n')
        shown = self.shown('--config', file, '--connection-state-recovery', '--recovery-skip-middlewares=false',
                           GOSSAMER_RECOVERY_SESSIONS_MAX='5')
        self.assertEqual(shown['connection_state_recovery'], ('true', '--connection-state-recovery'))
        self.assertEqual(shown['recovery_max_disconnection_duration'], ('5000', f'{file}:1'))
        self.assertEqual(shown['recovery_skip_middlewares'], ('false', '--recovery-skip-middlewares'))
        self.assertEqual(shown['recovery_sessions_max'], ('5', 'GOSSAMER_RECOVERY_SESSIONS_MAX'))
        self.assertEqual(shown['recovery_bytes_max'], ('67108864', 'default'))
        self.assertEqual(shown['parser'], ('"msgpack"', f'{file}:2'))


class Mistakes(Case):
    def test_an_unknown_key_of_the_file(self):
        file = self.file('a.toml', '# first\nprot = 1\n')
        said = self.refused('--config', file)
        self.assertTrue(said.startswith(f"gossamer: {file}:2: unknown key 'prot'; did you mean port"), said)
        self.assertIn('ping_interval', said)

    def test_a_bad_value_of_the_file(self):
        file = self.file('a.toml', 'host = "127.0.0.1"\nport = 65536\n')
        self.assertEqual(self.refused('--config', file), f"gossamer: {file}:2: port = '65536': must be 0 to 65535\n")

    def test_a_value_of_another_type(self):
        file = self.file('a.toml', 'port = "80"\n')
        self.assertEqual(self.refused('--config', file), f'gossamer: {file}:1: port: must be a number: 0 to 65535\n')

    def test_a_file_that_is_no_toml(self):
        file = self.file('a.toml', 'port = 1\nhost = \n')
        self.assertTrue(self.refused('--config', file).startswith(f'gossamer: {file}:2: '))

    def test_a_file_that_is_not_there(self):
        file = str(self.folder / 'none.toml')
        self.assertEqual(self.refused('--config', file), f'gossamer: {file}: cannot be read\n')
        self.assertEqual(self.refused(GOSSAMER_CONFIG=file), f'gossamer: {file}: cannot be read\n')
        self.assertEqual(self.refused('--config', str(self.folder)), f'gossamer: {self.folder}: cannot be read\n')

    def test_a_bad_value_of_the_environment(self):
        self.assertEqual(self.refused(GOSSAMER_LOG_LEVEL='loud'),
                         "gossamer: GOSSAMER_LOG_LEVEL = 'loud': must be debug, info, warn, error or off\n"
                         .replace('GOSSAMER_LOG_LEVEL =', 'GOSSAMER_LOG_LEVEL: log_level ='))

    def test_a_misspelt_variable(self):
        self.assertEqual(self.refused(GOSSAMER_PING_INTERVALL='1'),
                         'gossamer: GOSSAMER_PING_INTERVALL: unknown variable; did you mean GOSSAMER_PING_INTERVAL?\n')

    def test_a_variable_of_somebody_else_is_only_mentioned(self):
        ended = run('--print-config', GOSSAMER_SERVICE_HOST='10.0.0.1')
        self.assertEqual(ended.returncode, 0)
        self.assertIn('GOSSAMER_SERVICE_HOST is no option', ended.stderr)

    def test_flags(self):
        self.assertIn('--prot', self.refused('--prot', '1'))
        self.assertEqual(self.refused('--port', 'x'), "gossamer: --port: port = 'x': must be 0 to 65535\n")
        self.assertEqual(self.refused('--listen', '127.0.0.1'),
                         "gossamer: --listen: listen = '127.0.0.1': must be addresses as 127.0.0.1:3000, "
                         '[::1]:3000 or unix:/path\n')
        self.assertIn('tls_key', self.refused('--tls-cert', 'a.pem'))
        self.assertIn('--listen', run('--help').stdout)
        self.assertEqual(run('--help').returncode, 0)

    def test_recovery_and_parser(self):
        file = self.file('a.toml', 'connection_state_recovery = true\nrecovery_bytes_max = 0\n')
        self.assertEqual(self.refused('--config', file),
                         f"gossamer: {file}:2: recovery_bytes_max = '0': must be 1 to 1099511627776 bytes\n")
        self.assertEqual(self.refused('--recovery-sessions-max', '0'),
                         'gossamer: --recovery-sessions-max: recovery_sessions_max = \'0\': must be 1 to 100000000\n')
        self.assertEqual(self.refused(GOSSAMER_PARSER='json'),
                         "gossamer: GOSSAMER_PARSER: parser = 'json': must be default or msgpack\n")
        self.assertIn('did you mean connection_state_recovery?',
                      self.refused('--config', self.file('b.toml', 'connection_state_recover = true\n')))


class CannotStart(Case):
    def test_on_a_port_that_is_in_use(self):
        with socket.socket() as holder:
            holder.bind(('127.0.0.1', 0))
            holder.listen()
            port = holder.getsockname()[1]
            said = self.refused('--listen', f'127.0.0.1:{port}', code=1)
        self.assertIn(f'gossamer: cannot listen on 127.0.0.1 port {port}: Address already in use', said)

    def test_if_the_second_address_is_none(self):
        said = self.refused('--listen', '127.0.0.1:0', '--listen', '999.0.0.1:0', code=1)
        self.assertIn('cannot listen on 999.0.0.1', said)

    def test_without_a_readable_certificate(self):
        empty = self.file('empty.pem', '')
        self.refused('--tls-cert', empty, '--tls-key', empty, '--listen', '127.0.0.1:0', code=1)

    def test_without_its_folder_of_pages(self):
        none = str(self.folder / 'none')
        self.assertIn(f'web_dir {none}', self.refused('--web-dir', none, '--listen', '127.0.0.1:0'))


if __name__ == '__main__':
    unittest.main(verbosity=2)
