import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.Permission;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Whatever is installed may reach this machine and nothing else.
 *
 * <p>A refusal is written down as well as raised, because telemetry code tends to swallow errors.
 */
@SuppressWarnings("removal")
public final class LoopbackOnly extends SecurityManager {
  private static final int NAME_LOOKUP = -1;
  private static final List<String> REFUSED = new CopyOnWriteArrayList<>();

  static List<String> refused() {
    return REFUSED;
  }

  @Override
  public void checkConnect(String host, int port) {
    if (host.equals("localhost") || isLoopbackAddress(host)) return;
    if (port == NAME_LOOKUP && host.equals(System.getenv("HOSTNAME"))) return;
    REFUSED.add(port == NAME_LOOKUP ? host : host + ":" + port);
    throw new SecurityException("only loopback may be reached, not " + host);
  }

  @Override
  public void checkConnect(String host, int port, Object context) {
    checkConnect(host, port);
  }

  @Override
  public void checkPermission(Permission permission) {}

  @Override
  public void checkPermission(Permission permission, Object context) {}

  private static boolean isName(String host) {
    return host.chars().anyMatch(Character::isLetter) && !host.contains(":");
  }

  private static boolean isLoopbackAddress(String host) {
    try {
      // An address is not looked up.
      return !isName(host) && InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException error) {
      return false;
    }
  }
}
