/** Words of four to six letters each, so that a pair has eight to twelve. */
export const ADJECTIVES: readonly string[] = words(`
  Agile Alert Amber Ample Arctic Azure Basic Blithe Blue Bold Brainy Brave Breezy Bright Brisk Bronze Calm Candid
  Cheery Chief Chilly Civic Clear Clever Cobalt Comic Copper Coral Cosmic Cosy Crisp Curly Dainty Dapper Daring
  Deft Direct Dreamy Dusty Eager Early Easy Elated Epic Exact Fabled Fair Famous Fancy Fast Feisty Fine Firm Fluffy
  Fluent Fond Frank Free Fresh Frosty Funny Fuzzy Gentle Gifted Giddy Glad Golden Good Grand Great Green Handy
  Happy Hardy Hasty Hazel Hearty Honest Humble Ideal Indigo Ivory Jaunty Jolly Jovial Joyful Keen Kind Lanky Large
  Lavish Lean Level Light Lilac Little Lively Local Loud Loyal Lucid Lucky Lunar Magic Major Mellow Merry Mighty
  Mild Mint Misty Modern Modest Mossy Narrow Neat Nimble Noble Novel Olive Onyx Open Peachy Perky Placid Plain
  Plucky Plum Polar Polite Prime Proper Proud Pure Quaint Quick Quiet Quirky Rapid Rare Ready Regal Robust Rosy
  Royal Ruby Rustic Sage Sandy Scenic Serene Sharp Shiny Silent Silky Silver Simple Sleek Slim Smart Smooth Snappy
  Snowy Snug Social Solar Solid Sonic Spicy Spry Stable Steady Stoic Strong Sturdy Subtle Suave Sunny Super Supple
  Tall Tame Tawny Teal Tender Tidy Timely Tiny Topaz Tough Trim True Trusty Umber Unique Urban Useful Valid Vast
  Velvet Vernal Vivid Warm Wary Whole Wide Wild Windy Wise Witty Wooden Woolly Worthy Young Zany Zesty
`)

export const ANIMALS: readonly string[] = words(`
  Adder Alpaca Badger Barbel Basset Beagle Bear Beaver Beetle Bison Boar Bobcat Bream Bunny Camel Canary Carp
  Cicada Civet Clam Cobra Cockle Collie Condor Coot Corgi Cougar Coyote Crab Crane Crow Cuckoo Curlew Deer Dingo
  Donkey Dove Drake Duck Dunlin Eagle Egret Eider Ermine Falcon Fawn Ferret Finch Fossa Frog Gannet Gator Gecko
  Gerbil Gibbon Goat Goose Gopher Goral Grouse Gull Guppy Hare Hawk Heron Hippo Hornet Horse Hound Husky Hyena Ibex
  Ibis Iguana Impala Jackal Jaguar Jerboa Kite Kitten Kiwi Koala Kudu Lark Lemur Limpet Linnet Lion Lizard Llama
  Locust Loris Lynx Macaw Magpie Marlin Marmot Marten Martin Merlin Midge Mink Minnow Mole Moose Moth Mouse Mule
  Mussel Newt Numbat Ocelot Okapi Oriole Osprey Otter Owlet Oyster Panda Parrot Perch Petrel Pigeon Pika Pike Pipit
  Plover Pony Poodle Possum Potoo Prawn Puffin Puma Python Quail Quokka Rabbit Racoon Raven Redfin Robin Rook Sable
  Saiga Salmon Seal Serval Shark Sheep Shrew Shrimp Siskin Skink Skunk Sloth Snail Snipe Spider Sponge Squid Stag
  Stoat Stork Swan Swift Tapir Tarpon Tern Tiger Toad Toucan Trout Turkey Turtle Vicuna Viper Vole Walrus Wapiti
  Weasel Whale Wombat Wren Zebra
`)

function words(text: string): string[] {
  return text.trim().split(/\s+/)
}
