import { expect, test } from "bun:test";
import { compile, type Evaluation } from "../compile.ts";
import { kubernetesEnvironment } from "../kubernetes-environment.ts";

function evaluate(source: string): Evaluation {
  const compiled = compile(source, kubernetesEnvironment);
  if ("problem" in compiled) throw new Error(compiled.problem);
  return compiled.program.evaluate(new Map());
}

const truths = `quantity('50k').add(20).sub(quantity('100k')).sub(-50000) == quantity('20')
quantity('200M').compareTo(quantity('0.2G')) == 0 && quantity('50Mi').isGreaterThan(quantity('50M'))
quantity('50k').asInteger() == 50000 && !quantity('0.5').isInteger() && quantity('1500m').asApproximateFloat() == 1.5
isQuantity('1.3Gi') && !isQuantity('200K') && sign(quantity('-1')) == -1
ip('127.0.0.1').isLoopback() && ip('::1').family() == 6 && !isIP('127.0.0.256') && !isIP('::ffff:1.2.3.4')
ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8::ABCD') && string(ip('2001:db8::0:0:1')) == '2001:db8::1'
ip('169.254.1.1').isLinkLocalUnicast() && ip('ff02::1').isLinkLocalMulticast() && ip('10.0.0.1').isGlobalUnicast()
cidr('192.168.0.0/24').containsIP('192.168.0.1') && !cidr('192.168.0.0/24').containsIP(ip('192.168.1.1'))
cidr('192.168.0.0/16').containsCIDR(cidr('192.168.10.0/24')) && cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')
cidr('::1/128').ip() == ip('::1') && cidr('10.0.0.0/8').prefixLength() == 8 && !isCIDR('10.0.0.0/33')
url('https://example.com:80/a%20b?k=1&k=2').getPort() == '80' && isURL('/path') && !isURL('../path')
url('https://u@[::1]:80/p?k=1&k=2').getHostname() == '::1' && url('https://h/p?k=1&k=2').getQuery()['k'] == ['1', '2']
!isURL('https://a:b:c/') && url('https://h/a b').getEscapedPath() == '/a%20b' && url('HTTP://h').getScheme() == 'http'
semver('1.2.3').compareTo(semver('1.2.3-rc.1')) == 1 && semver('v1.2', true).minor() == 2 && !isSemver('v1.0.0')
semver('1.0.0-alpha.2').isLessThan(semver('1.0.0-alpha.10')) && isSemver('01.01.01', true)
!format.dns1123Label().validate('my-label').hasValue() && format.named('uuid').value().validate('x').hasValue()
format.date().validate('2024-02-30').value() == ['invalid date'] && !format.named('none').hasValue()
[1, 3, 2].max() == 3 && ['a', 'b'].indexOf('b') == 1 && [1, 1].isSorted() && [[1], [2]].flatten() == [1, 2]
[1, 2, 1].distinct() == [1, 2] && [1, 2, 3].slice(1, 3) == [2, 3] && [1, 2].reverse() == [2, 1] && [1].first().value() == 1
'a-b'.replace('-', '_').upperAscii() == 'A_B' && ' x '.trim() == 'x' && 'abc'.charAt(1) == 'b' && 'abcb'.lastIndexOf('b') == 3
strings.quote('a"b') == '"a\\\\"b"' && ['a', 'b'].join('-') == 'a-b' && 'a-b-c'.split('-', 2) == ['a', 'b-c']
'%x %X %o %b %e %s'.format([255, dyn(255), dyn(8), dyn(true), dyn(1.5), dyn({'a': [1, 2]})]) == 'ff FF 10 1 1.500000e+00 {a: [1, 2]}'`;

for (const source of truths.split("\n")) {
  test(`a library holds: ${source}`, () => {
    expect(evaluate(source)).toMatchObject({ ok: true, value: true });
  });
}

test.each([
  ["quantity('x')", "quantities must match the regular expression"],
  ["ip('x')", 'IP Address "x" parse error during conversion from string'],
  ["ip('fe80::1%eth0')", 'IP address "fe80::1%eth0" with zone value is not allowed'],
  ["url('../x')", 'URL parse error during conversion from string: parse "../x": invalid URI for request'],
  ["'abc'.substring(4)", "index out of range: 4"],
  ["dyn('a').startsWith(dyn(1))", "no such overload: startsWith(string, int)"],
])("%s fails", (source, message) => {
  expect(evaluate(source)).toMatchObject({ ok: false, message: expect.stringContaining(message) });
});
