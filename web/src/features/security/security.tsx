/** One's own account: password, second factor, and where one is signed in. */
import { Password } from './password';
import { SecondFactor } from './second-factor';
import { Sessions } from './sessions';

export function Security() {
  return (
    <>
      <Password />
      <SecondFactor />
      <Sessions />
    </>
  );
}
