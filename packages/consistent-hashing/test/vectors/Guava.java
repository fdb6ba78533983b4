import com.google.common.hash.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
/**
 * Writes guava.json: what Guava itself answers.
 *
 *   curl -O https://repo1.maven.org/maven2/com/google/guava/guava/33.3.1-jre/guava-33.3.1-jre.jar
 *   curl -O https://repo1.maven.org/maven2/com/google/guava/failureaccess/1.0.2/failureaccess-1.0.2.jar
 *   java -Dfile.encoding=UTF-8 -cp 'guava-33.3.1-jre.jar:failureaccess-1.0.2.jar' Guava.java > guava.json
 */
public class Guava {
  public static void main(String[] a) {
    long[] keys = {0L,1L,2L,3L,4L,5L,-1L,Long.MAX_VALUE,Long.MIN_VALUE,0x9999999999999999L,0x0123456789abcdefL,10863919174838991L,1833918789404052651L,Long.parseUnsignedLong("11885384256820354671"),Long.parseUnsignedLong("11248019972127486685")};
    int[] buckets={1,2,3,10,100,1000,3136,5555,65536,100000,1000000,2147483647};
    StringBuilder s=new StringBuilder("{\"keys\":[");
    Random r=new Random(7);
    List<Long> all=new ArrayList<>(); for(long k:keys) all.add(k); for(int i=0;i<200;i++) all.add(r.nextLong());
    boolean f=true;
    for(long k:all){ if(!f)s.append(",\n"); f=false; s.append("[\"").append(Long.toUnsignedString(k)).append("\""); for(int b:buckets) s.append(",").append(Hashing.consistentHash(k,b)); s.append("]"); }
    s.append("],\n\"buckets\":").append(Arrays.toString(buckets)).append(",\n\"murmur\":[");
    String[] texts={"","a","user:1","user:42","Gr\u00fc\u00dfe","\u4f60\u597d","\ud83d\ude00 smile","The quick brown fox jumps over the lazy dog"};
    f=true;
    for(String t:texts) for(int b: new int[]{10,1000}) { if(!f)s.append(",\n"); f=false; HashCode h=Hashing.murmur3_32_fixed().hashString(t,StandardCharsets.UTF_8); s.append("[\"").append(t).append("\",").append(Integer.toUnsignedString(h.asInt())).append(",").append(b).append(",").append(Hashing.consistentHash(h,b)).append("]"); }
    s.append("],\n\"longs\":["); f=true;
    for(long v:new long[]{0,1,-1,42,9007199254740991L}){ if(!f)s.append(","); f=false; s.append("[\"").append(v).append("\",").append(Integer.toUnsignedString(Hashing.murmur3_32_fixed().hashLong(v).asInt())).append("]");}
    s.append("]}"); System.out.println(s);
  }
}
